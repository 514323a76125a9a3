import InterlockJSON
package import InterlockLedger
import InterlockModel
import InterlockPolicy
package import InterlockPorts

/// The levels that a run has from its beginning, because it follows another one (docs/specs/output-safety.md, section
/// 7; decision 0154).
extension Gateway {
    /// Gives the session of a host outside `interlock run` the worst level of the agent's open runs, and of its sessions
    /// that ended less than 24 hours ago: nothing proves that a person began it, and a process of the agent could have.
    /// Durable on return.
    package func inheritLevel(forSession run: RunContext) async throws(LedgerRefusal) {
        // A session of an earlier process may still be open, and has no token any more.
        let open = runs.open { other, agent in agent == run.agent && other != run.run }
        guard let (level, source) = levelToInherit(run.run, of: .sessions(run.agent), beside: open)
        else { return }
        try await taint(run, by: .inherited, level, from: source)
    }

    /// Gives the session of a host outside `interlock run` the worst level of the agent's other runs, apart from sandboxed
    /// ones and sessions: the host calls MCP tools with a token, whose run is none of its sessions, and its model has read
    /// what they returned. Durable on return.
    package func inheritLevelOfTokens(forSession run: RunContext) async throws(LedgerRefusal) {
        let open = runs.open { other, agent in agent == run.agent && other != run.run }
            .filter { !hostSessions.has(run: $0.run) && !attested.has($0.run) }
        guard let (level, source) = levelToInherit(run.run, of: nil, beside: open) else { return }
        try await taint(run, by: .inherited, level, from: source)
    }

    /// Gives a run with a token the worst level of the open sessions of its agent outside `interlock run`, of which one may
    /// make the request: a page that it has read counts for its calls of MCP tools, too. The level is durable on return, or
    /// counts in memory if the log does not take it.
    func inheritLevelOfSessions(by principal: Principal) async {
        let agent = principal.agent
        guard policy.snapshot(for: agent).agents[agent]?.hooks?.user != nil else { return }
        let sessions = hostSessions.runs(of: agent).map { (run: $0, agent: agent) }
        guard !sessions.isEmpty, !hostSessions.has(run: principal.run),
            !attested.isOfSupervisor(principal),
            let (level, source) = levelToInherit(principal.run, of: nil, beside: sessions),
            runs.tainted.settledLevel(of: principal.run) < level
        else { return }
        try? await taint(runs.context(of: principal), by: .inherited, level, from: source)
    }

    /// Returns the worst level of open runs, and of those of the line that ended less than 24 hours ago; nil for none. The
    /// run awaits what the open runs await.
    private func levelToInherit(
        _ run: RunID, of line: RecentTaint.Line?, beside open: [(run: RunID, agent: AgentName)]
    ) -> (level: TaintLevel, source: RunID)? {
        let ended = line.flatMap { runs.tainted.recent(of: $0, at: clock.wall) }
        var worst = ended.map { (level: $0.level, source: $0.run) }
        for (other, _) in open {
            // Followed first: what is settled afterwards is settled for both.
            runs.tainted.follow(other, by: run)
            let level = runs.tainted.settledLevel(of: other)
            if level > (worst?.level ?? .clean) { worst = (level, other) }
        }
        return worst
    }

    /// Remembers the level of a session that ends.
    package func keepLevel(ofSession run: RunContext) {
        runs.tainted.close(run.run, of: .sessions(run.agent), at: clock.wall)
    }

    /// Gives a run of a client with outside tokens the level of the client's earlier run, if that ended less than 24 hours
    /// ago, or is open still, as while people decide about a call of it: such tokens name no run, so that a pause alone
    /// would begin a clean one. Its record is no later in the log than the first of the run.
    func inheritLevel(of principal: Principal) {
        guard principal.isFromOutside, !ledger.knows(run: principal.run) else { return }
        let random = principal.run.random
        let open = runs.open { other, _ in other.random == random && other != principal.run }
        guard let earlier = levelToInherit(principal.run, of: .client(random), beside: open),
            runs.tainted.settledLevel(of: principal.run) < earlier.level
        else { return }
        let run = runs.context(of: principal)
        runs.tainted.add(
            run.run, UntrustedRead(cause: .inherited, from: earlier.source, at: clock.wall),
            level: earlier.level)
        runs.open(run, policy: policy.snapshot(for: run.agent).digest)
        ledger.note(
            RecordDraft(
                .runTainted, run: run,
                fields: [
                    "tl": .integer(earlier.level.rawValue),
                    "code": .string(TaintCause.inherited.rawValue),
                    "ofrun": .string(earlier.source.text),
                ]))
    }
}
