import InterlockLedger
import InterlockMCP
import InterlockModel
import Synchronization

/// Bounds how much text comes into the log with calls that are refused anyway: an agent may fill it with
/// calls that the policy permits, never with others.
package final class ContextBudget: Sendable {
    private struct Count {
        var second: Int64
        var kept: Int
    }
    private let counts = Mutex<[AgentName: Count]>([:])

    /// As many refusals of one agent as are recorded one by one.
    static let refusedPerSecond = 20
    /// The policy names fewer agents; above it everything is forgotten and counted anew.
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

/// What the record of a call says of its context: `ctx`.
enum ContextDisposition: String {
    case given, none, large, many
}

extension Gateway {
    /// Puts what led to the call into its run's chain, before the record of the call itself.
    ///
    /// - Parameter isPermitted: only of refused calls may there be too many.
    func noteContext(
        of call: Call, _ run: RunContext, under policy: Digest, isPermitted: Bool
    ) -> ContextDisposition {
        guard let context = call.context else { return .none }
        guard isPermitted || contexts.admits(call.principal.agent, at: clock.boot) else {
            return .many
        }
        note(records.input(context, of: call.id, run), under: policy)
        return context.bytes == nil ? .large : .given
    }
}
