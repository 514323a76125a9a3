package import InterlockCluster
package import InterlockJSON

/// Incarnations, expulsions, tasks and generations (docs/specs/cluster.md, sections 2, 3 and 5).
extension ClusterStore {
    /// Begins an incarnation.
    ///
    /// - Parameters:
    ///   - process: an id that no other process of this node has, so that a repeated call begins no second one.
    ///   - beat: a number not below those that the process may have sent.
    ///   - least: one more than each incarnation that the node knows of itself. A store that lost a start would give its
    ///     number again.
    package func start(
        process: ExactText, beat: Int64, least: Incarnation
    ) async throws(ClusterCallFailure) -> Incarnation {
        guard Incarnation(least.number) != nil else { throw .unfit("incarnation \(least)") }
        let answer = try await value(
            .start,
            [
                .text(process.text),
                .integer(beat),
                .integer(Int64(ClusterSchema.version)),
                .integer(least),
            ])
        let number = try answer.integer(
            answer.function, least.number...StoreLimits.numbers.upperBound)
        guard let incarnation = Incarnation(number) else {
            throw answer.fault(answer.function, "an incarnation was expected")
        }
        return incarnation
    }

    /// Ends an incarnation of a node that was silent, as the holder of the task `watch`.
    ///
    /// - Parameters:
    ///   - term: that of the task.
    ///   - draft: the entry of `expelled`.
    /// - Returns: false if the node has sent a heartbeat or was expelled meanwhile.
    package func expel(
        _ silent: SilentNodeDetector.Silent, term: Int64, _ draft: EntryDraft,
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool {
        try check(draft)
        guard draft.kind == .narrowing(.expelled), sameBytes(draft.subject, silent.node.text) else {
            throw .unfit("an entry that does not expel \(silent.node)")
        }
        return try await flag(
            .expel,
            [
                .integer(incarnation),
                .integer(term),
                .text(silent.node.text),
                .integer(silent.incarnation),
                .integer(silent.beat),
                .bytes(draft.body),
            ])
    }

    /// Takes over a task of which the row did not change for `ClusterTasks.takeover`.
    ///
    /// - Parameters:
    ///   - row: the row as it was seen last; nil if no node has ever taken the task.
    ///   - beat: the beat that the row has then.
    /// - Returns: the row of this node, or nil if another node was first.
    package func take(
        _ task: ClusterTask, after row: TaskRow?, beat: Int64, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> TaskRow? {
        let (term, was) = (row?.term ?? 0, row?.beat ?? 0)
        let answer = try await value(
            .takeTask,
            [
                .integer(incarnation),
                .text(task.rawValue),
                .integer(term),
                .integer(was),
                .integer(beat),
            ])
        guard !answer.isNull(answer.function) else { return nil }
        let next = try answer.integer(answer.function, term + 1...term + 1)
        return TaskRow(task: task, node: node, term: next, beat: beat)
    }

    /// Renews a task of this node.
    ///
    /// - Returns: false if another node has it.
    package func keep(
        _ task: ClusterTask, term: Int64, beat: Int64, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool {
        try await flag(
            .keepTask,
            [
                .integer(incarnation),
                .text(task.rawValue),
                .integer(term),
                .integer(beat),
            ])
    }

    /// Opens the generation if all heads were compared; false if not yet.
    package func openGeneration(
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool {
        try await flag(.openGeneration, [.integer(incarnation)])
    }

    /// Closes the generation, so that heads are compared again.
    package func closeGeneration(
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) {
        try await nothing(.closeGeneration, [.integer(incarnation)])
    }
}
