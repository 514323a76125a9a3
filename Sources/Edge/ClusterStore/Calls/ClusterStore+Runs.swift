package import InterlockCluster
package import InterlockModel

/// Runs (docs/specs/cluster.md, section 4): what `RunRouter` asks for.
extension ClusterStore {
    private static let claimColumns = [
        "state", "node", "term", "home", "origin", "before", "level", "made", "calls",
    ]

    /// Claims a run that is new, free, or whose node was lost. A repeated claim is answered as before; its level and
    /// reserved calls are those of now.
    package func claim(_ claim: RunClaim) async throws(ClusterCallFailure) -> ClaimAnswer {
        try check(claim.node)
        let row = try await row(
            .claim, Self.claimColumns,
            [
                .integer(claim.incarnation),
                .text(claim.run.text),
                .text(claim.agent.text),
                .integer(claim.number),
            ])
        return try answer(row)
    }

    private func answer(_ row: RowReader) throws(ClusterCallFailure) -> ClaimAnswer {
        let other = try row.node("node")
        switch try row.text("state", StoreLimits.kind) {
        case "assigned":
            guard other == node else { throw row.fault("node", "this node was expected") }
            return .assigned(try assignment(row))
        case "serves":
            try expectNothing(row)
            guard other != node else { throw row.fault("node", "another node was expected") }
            return .serves(other)
        case "ended":
            try expectNothing(row)
            return .ended
        default: throw row.fault("state", "an answer to a claim was expected")
        }
    }

    private func assignment(_ row: RowReader) throws(ClusterCallFailure) -> RunAssignment {
        let level = try row.integer("level", 0...Int64(Int16.max))
        guard let level = TaintLevel(rawValue: level) else {
            throw row.fault("level", "a level was expected")
        }
        let made = try row.integer("made", 0...Int64.max)
        return RunAssignment(
            term: try row.integer("term", 1...Int64.max), home: try row.node("home"),
            origin: try origin(row), level: level, calls: made,
            reserved: try row.integer("calls", made...Int64.max))
    }

    private func origin(_ row: RowReader) throws(ClusterCallFailure) -> RunAssignment.Origin {
        switch try row.text("origin", StoreLimits.kind) {
        case "new":
            try row.expectNull("before")
            return .new
        case "again":
            try row.expectNull("before")
            return .again
        case "freed": return .freed(try row.node("before"))
        case "lost": return .lost(try row.node("before"))
        default: throw row.fault("origin", "the origin of an assignment was expected")
        }
    }

    private func expectNothing(_ row: RowReader) throws(ClusterCallFailure) {
        for column in Self.claimColumns.dropFirst(2) { try row.expectNull(column) }
    }

    /// Makes a change of a run that this node serves.
    ///
    /// - Throws: `closed` if the run has moved or ended; `notCompared` for `putBack` in a generation that is open.
    package func change(_ change: RunChange) async throws(ClusterCallFailure) {
        try check(change.node)
        let (kind, value): (String, Int64)
        switch change.kind {
        case .free(let calls): (kind, value) = ("free", calls)
        case .level(let level): (kind, value) = ("level", level.rawValue)
        case .calls(let calls): (kind, value) = ("calls", calls)
        case .putBack(let run): return try await putBack(run, change)
        }
        try await nothing(
            .changeRun,
            [
                .integer(change.incarnation),
                .text(change.run.text),
                .integer(change.term),
                .text(kind),
                .integer(value),
            ])
    }

    private func putBack(
        _ run: RunPutBack, _ change: RunChange
    ) async throws(ClusterCallFailure) {
        try await nothing(
            .putBackRun,
            [
                .integer(change.incarnation),
                .text(change.run.text),
                .text(run.agent.text),
                .integer(change.term),
                .text(run.home.text),
                .integer(run.level.rawValue),
                .integer(run.calls),
                .integer(run.claim),
                .flag(run.isFree),
            ])
    }

    /// Ends a run for ever: one of this node, or one whose end is in the chain.
    package func endRun(
        _ run: RunID, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) {
        try await nothing(.endRun, [.integer(incarnation), .text(run.text)])
    }
}
