import InterlockHooks
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization

/// The decisions about calls of which a host sends several events (docs/specs/coding-agents.md, section 4): the first
/// event is the call, and a further one of another name gets the same verdict.
///
/// Bounded: calls are known by digests of the host's texts. A run with more than `mostOfRun` of them forgets its own
/// older half. With more than `most` in all, the agent with the most digests forgets the runs that were silent the
/// longest, until it has half of them: no agent makes room by the runs of others. Events of a forgotten call are
/// decided again.
final class SharedDecisions: Sendable {
    static let (mostOfRun, most) = (256, 16_384)

    private let state = Mutex(SharedDecisionTable())

    /// The number of digests.
    var count: Int { state.withLock { $0.count } }

    /// Returns the decision that an event shares, or begins the decision about its call.
    ///
    /// - Parameters:
    ///   - digests: that of the call as the event says it, then those by which further events of it may come; at least
    ///     one.
    ///   - event: the host's name of the event. The same one again is another call.
    ///   - decide: called if no decision is shared.
    /// - Returns: `isShared` is true for a decision that another event began.
    func decision(
        about digests: [Digest], of run: RunContext, at event: String,
        decide: () -> Task<HookVerdict, Never>
    ) -> (decision: Task<HookVerdict, Never>, isShared: Bool) {
        let event = ExactText(event)
        return state.withLock { state in
            if let own = digests.first, let decision = state.share(own, of: run.run, at: event) {
                return (decision, true)
            }
            let decision = decide()
            state.add(decision, about: digests, of: run, at: event)
            return (decision, false)
        }
    }

    /// Returns the decision about a call, or nil if none is known.
    func known(_ digest: Digest, of run: RunID) -> Task<HookVerdict, Never>? {
        state.withLock { $0.known(digest, of: run) }
    }

    /// Forgets a run that has ended.
    func remove(_ run: RunID) { state.withLock { $0.remove(run) } }
}

/// The decisions by run and digest of the call.
private struct SharedDecisionTable {
    private struct Entry {
        let decision: Task<HookVerdict, Never>
        /// The names of the events that it answered.
        var events: Set<ExactText>
        let number: Int
    }
    private struct Run {
        let agent: AgentName
        var entries: [Digest: Entry] = [:]
        /// The number of its newest decision.
        var newest = 0
    }

    private var runs: [RunID: Run] = [:]
    private(set) var count = 0
    private var next = 0

    func known(_ digest: Digest, of run: RunID) -> Task<HookVerdict, Never>? {
        runs[run]?.entries[digest]?.decision
    }

    mutating func share(
        _ digest: Digest, of run: RunID, at event: ExactText
    ) -> Task<HookVerdict, Never>? {
        guard let entry = runs[run]?.entries[digest], !entry.events.contains(event) else {
            return nil
        }
        runs[run]?.entries[digest]?.events.insert(event)
        return entry.decision
    }

    mutating func add(
        _ decision: Task<HookVerdict, Never>, about digests: [Digest], of run: RunContext,
        at event: ExactText
    ) {
        next += 1
        var changed = runs.removeValue(forKey: run.run) ?? Run(agent: run.agent)
        count -= changed.entries.count
        for digest in digests {
            changed.entries[digest] = Entry(decision: decision, events: [event], number: next)
        }
        changed.newest = next
        if changed.entries.count > SharedDecisions.mostOfRun { Self.halve(&changed.entries) }
        count += changed.entries.count
        runs[run.run] = changed
        if count > SharedDecisions.most { makeRoom() }
    }

    mutating func remove(_ run: RunID) {
        guard let gone = runs.removeValue(forKey: run) else { return }
        count -= gone.entries.count
    }

    // Half at a time, so that a long session does not sort at each call.
    private static func halve(_ entries: inout [Digest: Entry]) {
        let oldest = entries.sorted { $0.value.number < $1.value.number }
            .prefix(entries.count / 2)
        for (digest, _) in oldest { entries[digest] = nil }
    }

    private mutating func makeRoom() {
        var counts: [AgentName: Int] = [:]
        for run in runs.values { counts[run.agent, default: 0] += run.entries.count }
        guard let busiest = counts.max(by: { $0.value < $1.value }) else { return }
        let silent = runs.filter { $0.value.agent == busiest.key }
            .sorted { $0.value.newest < $1.value.newest }
        var freed = 0
        for (run, one) in silent where freed * 2 < busiest.value {
            freed += one.entries.count
            remove(run)
        }
    }
}
