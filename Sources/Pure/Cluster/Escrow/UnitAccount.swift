import InterlockLimits
import InterlockModel

/// The leases that a node has of one limit, and the calls that wait for more.
struct UnitAccount: Sendable {
    /// The most leases whose window has not passed since they ended; above, the older half is kept as one.
    static let mostEnded = 256

    let key: UnitKey
    /// The leases that may be used, or whose end the store does not have yet.
    var leases: [HeldLease] = []
    /// Leases that ended, until no window contains their units: the store may lose them with a new generation.
    private(set) var ended: [HeldLease] = []
    /// The batch that was asked for and has no answer.
    var asked: UnitLeaseID?
    /// Calls that wait for units of a batch, the first first.
    var waiting: [CallID] = []
    /// The newest number that a call named as the most in a window.
    var most: Int64 = 0
    /// The store's last answer; nil before the first.
    var last: UnitGrant?
    /// The time until which the heartbeat says that other nodes hold the units that this one needs.
    var starvedUntil: BootTime?
    /// The time before which no other batch is asked for, after one that brought too little.
    var retry: BootTime?

    init(_ key: UnitKey) { self.key = key }

    var isIdle: Bool { leases.isEmpty && ended.isEmpty && asked == nil && waiting.isEmpty }

    /// The units of a batch: max(1, free / (4 x nodes asking)). The first one assumes that all are free.
    var batch: Int64 {
        let free = last?.free ?? most
        return max(1, free / (4 * Int64(max(1, last?.asking ?? 1))))
    }

    /// The units that calls can reserve now.
    func unused(at now: ClockReading) -> Int64 {
        leases.reduce(0) { $1.isBatch && $1.isUsable(at: now) ? $0 + $1.unused : $0 }
    }

    /// True if half of what the batches brought, or less, is left for the next third of a batch's life.
    func needsMore(at now: ClockReading) -> Bool {
        let soon = ClockReading(
            wall: now.wall + EscrowTimes.batch / 3, boot: now.boot + EscrowTimes.batch / 3)
        var (granted, unused): (Int64, Int64) = (0, 0)
        for lease in leases where lease.isBatch && lease.isUsable(at: soon) {
            granted += lease.granted - lease.returned
            unused += lease.unused
        }
        return unused <= granted / 2
    }

    /// Reserves units of batches, all or none.
    ///
    /// - Returns: the units of each lease, or nil.
    mutating func reserve(
        _ amount: Int64, at now: ClockReading
    ) -> [(lease: UnitLeaseID, units: Int64)]? {
        guard unused(at: now) >= amount else { return nil }
        var left = amount
        var parts: [(lease: UnitLeaseID, units: Int64)] = []
        for place in leases.indices
        where left > 0 && leases[place].isBatch && leases[place].isUsable(at: now) {
            let units = min(left, leases[place].unused)
            guard units > 0 else { continue }
            leases[place].reserved += units
            left -= units
            parts.append((leases[place].id, units))
        }
        return parts
    }

    /// True if the lease is known here, over or not.
    func has(_ id: UnitLeaseID) -> Bool {
        leases.contains { $0.id == id } || ended.contains { $0.id == id }
    }

    func isUsable(_ id: UnitLeaseID, at now: ClockReading) -> Bool {
        leases.contains { $0.id == id && $0.isUsable(at: now) }
    }

    /// Changes the lease with this id, if it is not over.
    mutating func change(_ id: UnitLeaseID, _ body: (inout HeldLease) -> Void) {
        guard let place = leases.firstIndex(where: { $0.id == id }) else { return }
        body(&leases[place])
    }

    /// Changes the lease with this id, over or not.
    mutating func changeAny(_ id: UnitLeaseID, _ body: (inout HeldLease) -> Void) {
        change(id, body)
        guard let place = ended.firstIndex(where: { $0.id == id }) else { return }
        body(&ended[place])
    }

    /// Gives up half of the unused units of batches, rounded up, for other nodes.
    ///
    /// - Returns: the leases of which some were returned.
    mutating func returnHalf(at now: ClockReading) -> [UnitLeaseID] {
        let unused = unused(at: now)
        var left = unused / 2 + unused % 2
        var changed: [UnitLeaseID] = []
        for place in leases.indices
        where left > 0 && leases[place].isBatch && leases[place].isUsable(at: now) {
            let units = min(left, leases[place].unused)
            guard units > 0 else { continue }
            leases[place].returned += units
            left -= units
            changed.append(leases[place].id)
        }
        return changed
    }

    /// Sets aside the leases whose end the store has, and drops those whose units no window contains any more.
    mutating func sweep(at now: ClockReading) {
        let done = leases.filter { $0.isEnded && !$0.isUnreported }
        if !done.isEmpty {
            leases.removeAll { $0.isEnded && !$0.isUnreported }
            ended += done.filter { $0.used > 0 }
        }
        // The clocks of two nodes are at most two margins apart.
        let past = Duration.seconds(key.window.seconds + 2)
        ended.removeAll { $0.until + past < now.wall }
    }

    var hasManyEnded: Bool { ended.count > Self.mostEnded }

    /// Keeps the older half of the ended leases as one.
    mutating func fold(as id: UnitLeaseID) {
        let old = Array(ended.prefix(ended.count / 2))
        guard let folded = HeldLease(folding: old, as: id) else { return }
        ended.removeFirst(old.count)
        ended.insert(folded, at: 0)
    }

    /// True if a batch may be asked for.
    func mayAsk(at now: ClockReading) -> Bool {
        asked == nil && retry.map { now.boot >= $0 } ?? true
    }

    /// Takes the answer to the batch that was asked for.
    mutating func take(_ grant: UnitGrant, _ lease: HeldLease?, isShort: Bool, at now: ClockReading)
    {
        asked = nil
        last = grant
        if let lease { leases.append(lease) }
        retry = isShort ? now.boot + EscrowTimes.wait : nil
        if !isShort { starvedUntil = nil } else if grant.asking > 1 { starve(at: now) }
    }

    /// The heartbeats of the next seconds name the limit.
    mutating func starve(at now: ClockReading) { starvedUntil = now.boot + EscrowTimes.deadline }

    /// Adds units that earlier incarnations used, so that they are put back after a new generation.
    mutating func recall(_ lease: HeldLease) { ended.append(lease) }
}

extension HeldLease {
    /// Makes one ended lease of many: all units, at the latest use. After a new generation it is put back whole, so
    /// that units can be counted twice then, and never too few.
    init?(folding leases: some Collection<HeldLease>, as id: UnitLeaseID) {
        guard let first = leases.first else { return nil }
        var used: Int64 = 0
        var (since, until, latest) = (first.since, first.until, first.latest)
        for lease in leases {
            used = used.saturated(adding: lease.used)
            since = min(since, lease.since)
            until = max(until, lease.until)
            latest = max(latest, lease.latest)
        }
        self.init(id: id, used: used, since: since, until: until, latest: latest)
    }

    /// Makes a lease that has ended.
    init(id: UnitLeaseID, used: Int64, since: Timestamp, until: Timestamp, latest: Timestamp) {
        self.id = id
        granted = max(1, used)
        self.used = used
        self.since = since
        self.until = until
        self.latest = latest
        stop = ClockReading(wall: since, boot: BootTime(microseconds: 0))
        isEnded = true
        isBatch = true
    }
}
