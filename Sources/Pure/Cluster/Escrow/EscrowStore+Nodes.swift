/// The nodes that take units: their incarnations, their heartbeats, and what becomes of the leases of a dead one.
extension EscrowStore {
    /// Begins an incarnation of a node. The leases of the one before count until they are settled, or until a window
    /// after their end.
    ///
    /// A node that was here before has to put back its leases if the generation has changed since.
    ///
    /// - Throws: `unfit` unless the number is higher than that of each one before.
    package mutating func join(
        _ node: NodeName, _ incarnation: Incarnation
    ) throws(EscrowRefusal) {
        if let current = incarnations[node], current > incarnation { throw .unfit }
        if incarnations[node] == incarnation, !gone.contains(node) { throw .unfit }
        if restored[node] == nil { restored[node] = generation }
        incarnations[node] = incarnation
        gone.remove(node)
    }

    /// Ends an incarnation: from now on it takes and reports nothing.
    package mutating func expel(
        _ node: NodeName, _ incarnation: Incarnation
    ) throws(EscrowRefusal) {
        try checkCurrent(node, incarnation)
        incarnations[node] = incarnation.next
        gone.insert(node)
        starved[node] = nil
    }

    /// Takes the limits that starve at a node, in place of those that it named before.
    ///
    /// - Returns: the limits of which other nodes need units.
    package mutating func heartbeat(
        of node: NodeName, _ incarnation: Incarnation, starved keys: Set<UnitKey>
    ) throws(EscrowRefusal) -> UnitHeartbeat {
        try checkCurrent(node, incarnation)
        starved[node] = keys.isEmpty ? nil : keys
        var others: Set<UnitKey> = []
        for (other, keys) in starved where other != node { others.formUnion(keys) }
        return UnitHeartbeat(
            generation: generation, isRestored: restored[node] == generation, starved: others)
    }

    /// Begins a new generation, after a restart or failover that may have lost commits. Nothing is taken until each
    /// node that is not gone has put back its leases.
    package mutating func restart(generation new: StoreGeneration) {
        guard new != generation else { return }
        generation = new
        starved = [:]
    }

    /// Notes that a node has put back all its leases since this generation began.
    package mutating func finishRestoring(
        _ node: NodeName, _ incarnation: Incarnation, generation: StoreGeneration
    ) throws(EscrowRefusal) {
        try checkCurrent(node, incarnation)
        guard generation == self.generation else { throw .closed }
        restored[node] = generation
    }

    /// True if every node that is not gone has put back its leases.
    package var isOpen: Bool {
        incarnations.keys.allSatisfy { gone.contains($0) || restored[$0] == generation }
    }

    /// The leases of an incarnation that ended, whose units still count in full. The reader of its log sums up what its
    /// calls used since the first of each limit began. Sorted by their ids.
    package func leasesToSettle(
        of node: NodeName, _ incarnation: Incarnation
    ) -> [(key: UnitKey, lease: UnitLease)] {
        var found: [(key: UnitKey, lease: UnitLease)] = []
        for (key, row) in rows {
            for lease in row.leases.values
            where lease.id.node == node && lease.id.incarnation == incarnation && lease.open > 0 {
                found.append((key, lease))
            }
        }
        return found.sorted { $0.lease.id < $1.lease.id }
    }

    /// Returns the units of a dead incarnation that its log does not show as used. Those that it shows count at the end
    /// of the last lease, which is the latest time at which they can have been used.
    ///
    /// - Throws: `alive` while the incarnation may use its leases.
    package mutating func settle(_ settlement: UnitSettlement) throws(EscrowRefusal) {
        guard let current = incarnations[settlement.node], settlement.incarnation < current
        else { throw .alive }
        guard settlement.used.values.allSatisfy({ $0 >= 0 }) else { throw .unfit }
        let open = leasesToSettle(of: settlement.node, settlement.incarnation)
        // The log does not say which lease a unit was of, so each counts at the end of the last one.
        var ends: [UnitKey: Int64] = [:]
        for (key, lease) in open { ends[key] = max(ends[key] ?? 0, lease.end) }
        var left = settlement.used
        for (key, lease) in open {
            let used = min(lease.open, left[key] ?? 0)
            left[key] = (left[key] ?? 0) - used
            var ended = lease
            ended.used += used
            ended.isEnded = true
            rows[key]?.count(used, in: ends[key] ?? lease.end)
            rows[key]?.leases[lease.id] = ended
        }
    }

    /// The units that count against a limit, for reports and tests.
    package func taken(_ key: UnitKey) -> Int64 { rows[key]?.taken(margins) ?? 0 }
}
