/// The halts of one node with their history: the epoch at which each halt arrived, and the current epoch. The node
/// publishes `set` to the call path; the rest serves to verify releases and is stored on disk.
package struct HaltHistory: Sendable {
    package private(set) var set: HaltSet
    package private(set) var epoch: Epoch
    /// The number of the epoch at which each halt arrived.
    private var arrivals: [OrderID: Int64]
    /// The SHA-256 of the statement of each verified order.
    private var taken: Set<Digest> = []
    /// The times for which halts were in force.
    package private(set) var spans = HaltSpans()

    package init(epoch: Epoch) {
        set = HaltSet()
        self.epoch = epoch
        arrivals = [:]
    }

    /// Applies an order that the epoch already contains, at start. The epoch number does not change.
    package mutating func restore(_ halt: AcceptedHalt, hashing: some Hashing) {
        taken.insert(hashing.sha256(halt.envelope.payload))
        guard set.apply(halt) else { return }
        arrivals[halt.order.id] = epoch.number
        spans.begin(halt.order, at: halt.order.at)
    }

    /// Applies a release that the epoch already contains, at start.
    package mutating func restore(_ release: AcceptedRelease, hashing: some Hashing) {
        taken.insert(hashing.sha256(release.envelope.payload))
        set.apply(release)
        spans.end(release.order.halts, by: release.order.id)
    }

    /// Adds the times of the restored orders; see `HaltSpans.refill`.
    package mutating func refill(_ recorded: [OrderID: Timestamp]) { spans.refill(recorded) }

    /// Advances to an epoch that names only the orders that are present. The caller uses it if part of the old epoch
    /// was lost and a halt is active because of the loss.
    package mutating func settle(at: Timestamp, hashing: some Hashing) throws(OrderRefusal) {
        do {
            epoch = try epoch.next(set, orders: taken, at: at, hashing: hashing)
        } catch { throw .form(error) }
    }

    /// - Returns: false if the halt was already known, or was released before it arrived.
    package mutating func apply(
        _ halt: AcceptedHalt, at: Timestamp, hashing: some Hashing
    ) throws(OrderRefusal) -> Bool {
        try room()
        guard set.apply(halt) else { return false }
        spans.begin(halt.order, at: at)
        try advance(halt.envelope.payload, at, hashing)
        arrivals[halt.order.id] = epoch.number
        return true
    }

    /// - Returns: false if no halt was left to release.
    /// - Throws: `unknownHalt` or `staleEpoch`, with no state changed.
    package mutating func apply(
        _ release: AcceptedRelease, at: Timestamp, hashing: some Hashing
    ) throws(OrderRefusal) -> Bool {
        try check(release.order)
        return try apply(stored: release, at: at, hashing: hashing)
    }

    /// Applies a release that was checked before it was stored, also if a halt came since then: it stays in force, unless
    /// the release names it.
    package mutating func apply(
        stored release: AcceptedRelease, at: Timestamp, hashing: some Hashing
    ) throws(OrderRefusal) -> Bool {
        try room()
        guard set.apply(release) else { return false }
        spans.end(release.order.halts, at: at)
        try advance(release.envelope.payload, at, hashing)
        return true
    }

    /// Returns true if an order whose statement has this digest was accepted.
    package func has(_ statement: Digest) -> Bool {
        taken.contains(statement) || epoch.orders.contains(statement)
    }

    /// Checks that the release may be signed or accepted now.
    package func check(_ release: ReleaseOrder) throws(OrderRefusal) {
        var targets: [HaltTarget] = []
        for id in release.halts {
            if let halt = set.active[id] {
                // A drill releases canaries alone, and people release all others.
                guard (halt.target == .drill) == (release.org != epoch.org) else {
                    throw .unknownHalt(id)
                }
                targets.append(halt.target)
            } else if !set.released.contains(id) {
                throw .unknownHalt(id)
            }
        }
        guard release.afterEpoch <= epoch.number else { throw .staleEpoch }
        let named = Set(release.halts)
        for (id, halt) in set.active where arrivals[id, default: 0] > release.afterEpoch {
            if named.contains(id) { continue }
            if targets.contains(where: { $0.mayOverlap(halt.target) }) { throw .staleEpoch }
        }
    }

    private func room() throws(OrderRefusal) {
        guard epoch.orders.count < OrderLimits.orders else { throw .tooManyOrders }
    }

    private mutating func advance(
        _ statement: [UInt8], _ at: Timestamp, _ hashing: some Hashing
    ) throws(OrderRefusal) {
        let digest = hashing.sha256(statement)
        taken.insert(digest)
        do {
            epoch = try epoch.next(
                set, orders: Set(epoch.orders).union([digest]), at: at, hashing: hashing)
        } catch { throw .form(error) }
    }
}
