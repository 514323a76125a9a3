import InterlockLedger
import InterlockMCP
import InterlockModel
import Synchronization

/// Bounds the text that refused calls add to the log: an agent may fill the log with calls that the policy permits,
/// never with others.
///
/// INVARIANT: what an agent says about a call decides nothing and goes no further. Kept by `test_context.py`.
package final class ContextBudget: Sendable {
    private struct Count {
        var second: Int64
        var kept: Int
    }
    private let counts = Mutex<[AgentName: Count]>([:])

    /// The refusals of one agent per second whose context is recorded.
    static let refusedPerSecond = 20
    /// The most agents; a policy names fewer. Above it all counts are reset.
    private static let mostAgents = 100_000

    func admits(_ agent: AgentName, at now: BootTime) -> Bool {
        let second = now.microseconds / 1_000_000
        return counts.withLock { counts in
            if counts.count > Self.mostAgents { counts = [:] }
            let kept = counts[agent].flatMap { $0.second == second ? $0.kept : nil } ?? 0
            counts[agent] = Count(second: second, kept: min(kept + 1, Self.refusedPerSecond))
            return kept < Self.refusedPerSecond
        }
    }
}

/// The value of `ctx` in a call's record: the disposition of its context.
enum ContextDisposition: String {
    case given, none, large, many
}

extension Gateway {
    /// Records what led to the call in its run's chain, before the record of the call itself.
    ///
    /// - Parameter isPermitted: if false, the rate of recorded contexts is limited.
    func noteContext(
        _ context: CallContext?, of call: CallID, _ run: RunContext, under policy: Digest,
        isPermitted: Bool
    ) -> ContextDisposition {
        guard let context else { return .none }
        guard isPermitted || contexts.admits(run.agent, at: clock.boot) else { return .many }
        note(records.input(context, of: call, run), under: policy)
        return context.bytes == nil ? .large : .given
    }
}
