import InterlockCluster
import InterlockModel

/// Halts that the chain lacks, and what calls are judged by.
extension NodeProgram {
    /// The time after which a node appends a halt that a peer pushed: the peer itself appends it at once.
    private static let patience = Duration.seconds(2)
    private static let retry = Duration.seconds(1)
    /// The time after which a halt whose entry was not seen is appended again.
    private static let appendedRetry = Duration.seconds(5)

    mutating func halted(
        _ halt: AcceptedHalt, _ statement: Digest, _ peer: NodeName?, _ now: BootTime
    ) -> [NodeEffect] {
        guard !node.state.halts.has(statement) else { return [] }
        let due = peer == nil ? now : now + Self.patience
        guard halts.add(halt, statement, due: due) else { return [] }
        return [.push(halt: statement, halt.envelope), .notify(.halted(halt.order, from: peer))]
            + appendHalts(at: now)
    }

    mutating func pushed(_ statement: Digest, _ number: Int64?) -> [NodeEffect] {
        guard let number else { return [.notify(.notPushed(halt: statement))] }
        pushes[number] = statement
        guard halts.halts[statement] != nil else { return [.chained(halt: number)] }
        halts.change(statement) { $0.pushed = number }
        return []
    }

    /// The entry of a halt was applied, whatever its effect: from now on the chain decides.
    mutating func chained(_ envelope: Envelope) -> [NodeEffect] {
        let statement = node.hashing.sha256(envelope.payload)
        guard let halt = halts.remove(statement) else { return [] }
        return halt.pushed.map { [.chained(halt: $0)] } ?? []
    }

    mutating func appendHalts(at now: BootTime) -> [NodeEffect] {
        guard !halts.isEmpty, let incarnation = node.lifecycle.incarnation else { return [] }
        var effects: [NodeEffect] = []
        for (statement, halt) in halts.halts where !halt.isAppending && halt.due <= now {
            halts.change(statement) { $0.isAppending = true }
            effects.append(
                .append(
                    halt: statement, halt.accepted.envelope, halt.draft, incarnation))
        }
        return effects
    }

    mutating func appended(
        _ statement: Digest, _ draft: EntryDraft?, isDone: Bool, _ now: BootTime
    ) -> [NodeEffect] {
        halts.change(statement) { halt in
            halt.isAppending = false
            halt.draft = draft ?? halt.draft
            halt.due = now + (isDone ? Self.appendedRetry : Self.retry)
        }
        return isDone ? fetch() : []
    }

    // MARK: Calls

    func refusal(of scope: CallScope) -> ScopeRefusal? {
        halt(of: scope).map(ScopeRefusal.halted) ?? node.state.refusal(of: scope)
    }

    func judge(_ use: GatedUse, at now: BootTime) -> GatedUse.Verdict {
        if let halt = halt(of: use.scope) { return .refuse(.scope(.halted(halt))) }
        return use.judge(node.follower, node.lease, at: now)
    }

    private func halt(of scope: CallScope) -> HaltOrder? {
        guard !halts.isEmpty else { return nil }
        return halts.match(
            agent: scope.agent, owner: scope.owner, server: scope.tool.server, tool: scope.tool,
            run: scope.run)
    }
}
