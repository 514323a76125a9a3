package import InterlockModel

/// The store's side of runs on many nodes, as the functions of PostgreSQL are to behave: one node serves a run at a
/// time (docs/specs/cluster.md, section 4). A value without a clock.
///
/// INVARIANT: a run moves only from a node that freed it, or whose incarnation has ended; its level never falls. Kept by
/// `RunTableTests`, `AssignmentPropertyTests`.
package struct RunTable: Sendable {
    private var incarnations: [NodeName: Incarnation] = [:]
    private var gone: Set<NodeName> = []
    /// The generation for which each node has put back its runs.
    private var restored: [NodeName: StoreGeneration] = [:]
    /// Is nil before the first restart or failover.
    private var generation: StoreGeneration?
    private var rows: [RunID: RunRow] = [:]

    package init() {}

    package func row(_ run: RunID) -> RunRow? { rows[run] }

    /// Begins an incarnation of a node. The runs of the one before can be claimed by any node.
    ///
    /// - Throws: `unfit` unless the number is higher than that of each one before.
    package mutating func join(
        _ node: NodeName, _ incarnation: Incarnation
    ) throws(RunTableRefusal) {
        if let current = incarnations[node],
            current > incarnation || (current == incarnation && !gone.contains(node))
        {
            throw .unfit
        }
        if incarnations[node] == nil { restored[node] = generation }
        incarnations[node] = incarnation
        gone.remove(node)
    }

    /// Ends an incarnation: it claims and changes nothing any more.
    package mutating func expel(
        _ node: NodeName, _ incarnation: Incarnation
    ) throws(RunTableRefusal) {
        try checkCurrent(node, incarnation)
        incarnations[node] = incarnation.next
        gone.insert(node)
    }

    /// Assigns a run that is new, free, or whose node was lost, and says who serves any other one. The node that has
    /// it already gets a new term by another claim, so that its late changes count no more. A repeated claim is
    /// answered as before.
    package mutating func claim(_ claim: RunClaim) throws(RunTableRefusal) -> ClaimAnswer {
        try checkCurrent(claim.node, claim.incarnation)
        guard isOpen else { throw .closed }
        guard claim.number > 0 else { throw .unfit }
        guard let row = rows[claim.run] else {
            let row = RunRow(
                node: claim.node, incarnation: claim.incarnation, term: 0, home: claim.node,
                agent: claim.agent)
            return assign(row, to: claim, .new)
        }
        guard row.agent == claim.agent else { throw .unfit }
        guard !row.isEnded else { return .ended }
        if row.node == claim.node, row.incarnation == claim.incarnation,
            claim.number <= row.claim
        {
            guard claim.number == row.claim, !row.isFree, let assignment = row.assignment
            else { throw .moved }
            return .assigned(assignment)
        }
        if row.isFree { return assign(row, to: claim, .freed(row.node)) }
        if let current = incarnations[row.node], current > row.incarnation {
            return assign(row, to: claim, .lost(row.node))
        }
        return row.node == claim.node ? assign(row, to: claim, .again) : .serves(row.node)
    }

    private mutating func assign(
        _ old: RunRow, to claim: RunClaim, _ origin: RunAssignment.Origin
    ) -> ClaimAnswer {
        var row = old
        row.node = claim.node
        row.incarnation = claim.incarnation
        row.claim = claim.number
        row.term += 1
        row.isFree = false
        // A row that its node did not put back may be older than the run.
        let isOld = row.written != generation && origin != .new
        if case .lost = origin { row.level = max(row.level, .untrusted) }
        if isOld { row.level = max(row.level, .untrusted) }
        row.written = generation
        row.calls = old.calls.saturated(adding: AssignmentTimes.calls)
        let assignment = RunAssignment(
            term: row.term, home: row.home, origin: origin, level: row.level, calls: old.calls,
            reserved: row.calls)
        row.assignment = assignment
        rows[claim.run] = row
        return .assigned(assignment)
    }

    /// Makes a change of the node that serves the run. A repeated one changes nothing more.
    package mutating func change(_ change: RunChange) throws(RunTableRefusal) {
        try checkCurrent(change.node, change.incarnation)
        if case .putBack(let run) = change.kind { return try putBack(run, change) }
        guard isOpen else { throw .closed }
        guard var row = rows[change.run], row.node == change.node,
            row.incarnation == change.incarnation, row.term == change.term, !row.isEnded
        else { throw .moved }
        switch change.kind {
        case .free(let calls):
            guard calls >= 0 else { throw .unfit }
            if !row.isFree { row.calls = calls }
            row.isFree = true
        case .level(let level):
            guard !row.isFree else { throw .moved }
            row.level = max(row.level, level)
        case .calls(let calls):
            guard calls >= 0 else { throw .unfit }
            guard !row.isFree else { throw .moved }
            row.calls = max(row.calls, calls)
        case .putBack: return
        }
        row.written = generation
        rows[change.run] = row
    }

    /// Takes a run that its node has, unless a later claim is here.
    private mutating func putBack(
        _ run: RunPutBack, _ change: RunChange
    ) throws(RunTableRefusal) {
        guard change.term > 0, run.calls >= 0, run.claim > 0 else { throw .unfit }
        var row =
            rows[change.run]
            ?? RunRow(
                node: change.node, incarnation: change.incarnation, term: change.term,
                home: run.home, agent: run.agent)
        guard row.agent == run.agent else { throw .unfit }
        guard !row.isEnded, row.term <= change.term,
            row.term < change.term || row.node == change.node
        else { throw .moved }
        if row.term < change.term || row.claim < run.claim {
            (row.isFree, row.claim, row.assignment) = (false, run.claim, nil)
        }
        row.node = change.node
        row.incarnation = change.incarnation
        row.term = change.term
        row.level = max(row.level, run.level)
        row.calls = max(row.calls, run.calls)
        row.isFree = row.isFree || run.isFree
        row.written = generation
        rows[change.run] = row
    }

    /// Begins a new generation, after a restart or failover that may have lost commits. No run is claimed or changed
    /// until each node that is not gone has put back its runs.
    package mutating func restart(generation new: StoreGeneration) {
        if new != generation { generation = new }
    }

    /// Notes that a node has put back all its runs since this generation began.
    package mutating func finishRestoring(
        _ node: NodeName, _ incarnation: Incarnation, generation: StoreGeneration
    ) throws(RunTableRefusal) {
        try checkCurrent(node, incarnation)
        guard generation == self.generation else { throw .closed }
        restored[node] = generation
    }

    /// False if the node has not put back its runs in this generation.
    package func isRestored(_ node: NodeName) -> Bool { restored[node] == generation }

    /// True if every node that is not gone has put back its runs.
    package var isOpen: Bool {
        incarnations.keys.allSatisfy { gone.contains($0) || restored[$0] == generation }
    }

    /// Ends a run for good, as its entry in the control chain says; any node may.
    package mutating func end(_ run: RunID) { rows[run]?.isEnded = true }

    private func checkCurrent(
        _ node: NodeName, _ incarnation: Incarnation
    ) throws(RunTableRefusal) {
        guard incarnations[node] == incarnation, !gone.contains(node) else { throw .expelled }
    }
}
