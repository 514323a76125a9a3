import InterlockLimits
package import InterlockModel

/// The store's side of limits on many nodes, as the functions of PostgreSQL are to behave: `take`, reports, and what
/// happens to the leases of a dead node and after a new generation (docs/specs/cluster.md, section 6). A value without
/// a clock: the time of the store comes with each request.
///
/// Slots advance by the earlier of the store's and the node's clock, so that a step of one of them frees nothing.
/// Used units count in the slot of the later one.
///
/// INVARIANT: the units that calls use in any window, on all nodes together, are at most the limit's number. Kept by
/// `EscrowPropertyTests`, `EscrowStoreTests`.
package struct EscrowStore: Sendable {
    package let margins: EscrowMargins
    /// The current incarnation of each node that ever joined.
    var incarnations: [NodeName: Incarnation] = [:]
    /// The nodes that were expelled and have not joined again.
    var gone: Set<NodeName> = []
    /// The generation for which each node has put back its leases.
    var restored: [NodeName: StoreGeneration] = [:]
    var starved: [NodeName: Set<UnitKey>] = [:]
    var rows: [UnitKey: UnitRow] = [:]
    var keys: [UnitLeaseID: UnitKey] = [:]
    package internal(set) var generation: StoreGeneration

    package init(_ generation: StoreGeneration, margins: EscrowMargins = EscrowMargins()) {
        self.generation = generation
        self.margins = margins
    }

    /// Leases units: as many as are free, and at most those wanted. A repeated request gets what the first one got.
    ///
    /// - Parameter now: the store's clock.
    package mutating func take(
        _ take: UnitTake, at now: Timestamp
    ) throws(EscrowRefusal) -> UnitGrant {
        try checkCurrent(take.id.node, take.id.incarnation)
        guard isOpen else { throw .closed }
        guard take.isFit else { throw .unfit }
        if let key = keys[take.id], key != take.key { throw .unfit }
        var row = rows[take.key] ?? UnitRow()
        advance(&row, to: take.key.slot(of: min(now, take.now)))
        defer { rows[take.key] = row }
        if let lease = row.leases[take.id] {
            return grant(lease.isEnded ? 0 : lease.granted, take, row)
        }
        let end = take.key.slot(of: take.until + margins.clock)
        guard end >= row.newest else { throw .late }
        let units = min(take.want, row.free(of: take.most, margins))
        if units > 0 {
            row.leases[take.id] = UnitLease(
                id: take.id, granted: units, since: take.now, end: end)
            keys[take.id] = take.key
        }
        return grant(units, take, row)
    }

    private func grant(_ units: Int64, _ take: UnitTake, _ row: UnitRow) -> UnitGrant {
        let nodes = row.leases.values.filter { $0.open > 0 }.map(\.id.node)
        let starving = starved.filter { $0.value.contains(take.key) }.keys
        return UnitGrant(
            units: units, free: row.free(of: take.most, margins),
            asking: Set(nodes).union(starving).union([take.id.node]).count)
    }

    /// Counts what was used and frees what was returned.
    package mutating func report(_ report: UnitReport, at now: Timestamp) throws(EscrowRefusal) {
        try checkCurrent(report.id.node, report.id.incarnation)
        guard report.isFit else { throw .unfit }
        guard let key = keys[report.id] else { throw .unknownLease }
        take(report, of: key, at: now)
    }

    /// Takes a lease that its node has, or had, and that is not here any more. One that is here gets the report alone.
    package mutating func putBack(_ lease: UnitPutBack, at now: Timestamp) throws(EscrowRefusal) {
        let id = lease.report.id
        try checkCurrent(id.node, id.incarnation)
        guard lease.isFit else { throw .unfit }
        if let key = keys[id] {
            guard key == lease.key else { throw .unfit }
        } else {
            rows[lease.key, default: UnitRow()].leases[id] = UnitLease(
                id: id, granted: lease.granted, since: lease.since,
                end: lease.key.slot(of: lease.until + margins.clock))
            keys[id] = lease.key
        }
        take(lease.report, of: lease.key, at: now)
    }

    private mutating func take(_ report: UnitReport, of key: UnitKey, at now: Timestamp) {
        var row = rows[key] ?? UnitRow()
        advance(&row, to: key.slot(of: min(now, report.now)))
        // The use was at most `clock` after its time by the node, and the next grant may see a clock that is ahead.
        row.take(report, in: key.slot(of: report.at + margins.clock + margins.clock))
        rows[key] = row
    }

    mutating func advance(_ row: inout UnitRow, to slot: Int64) {
        for id in row.advance(to: slot) { keys[id] = nil }
    }

    func checkCurrent(_ node: NodeName, _ incarnation: Incarnation) throws(EscrowRefusal) {
        guard incarnations[node] == incarnation, !gone.contains(node) else { throw .expelled }
    }
}

extension UnitTake {
    /// False for numbers and times that no node sends.
    fileprivate var isFit: Bool {
        UnitKey.lengths.contains(key.window.seconds) && want > 0 && most >= 0 && id.number > 0
            && isLife(from: now, until: until)
    }
}

extension UnitReport {
    fileprivate var isFit: Bool {
        used >= 0 && returned >= 0 && id.number > 0 && isTime(at) && isTime(now)
    }
}

extension UnitPutBack {
    fileprivate var isFit: Bool {
        UnitKey.lengths.contains(key.window.seconds) && granted > 0 && report.isFit
            && isTime(since) && isTime(until) && until - report.now <= EscrowTimes.longest
    }
}

/// False for times before 1970 and so late that sums with them could overflow.
private func isTime(_ time: Timestamp) -> Bool { (0...(1 << 60)).contains(time.microseconds) }

private func isLife(from now: Timestamp, until end: Timestamp) -> Bool {
    isTime(now) && isTime(end) && end > now && end - now <= EscrowTimes.longest
}
