package import InterlockModel
import Synchronization

/// To which workload each credential is bound: the first that uses it (specs of MCP, section 8.1). Kept in
/// memory until the credential ends, so a restart binds anew.
package final class WorkloadBindings: Sendable {
    package enum Outcome: Equatable, Sendable {
        /// It is this workload's, from now on or already.
        case own
        /// Another one was first. `isNews`: nobody was told of this credential yet.
        case foreign(isNews: Bool)
        /// There is no room to remember it.
        case full
    }
    private struct Credential: Hashable {
        let agent: AgentName
        let id: String
    }
    private struct Binding {
        let workload: Workload
        let run: RunID
        let expires: Timestamp
        var isReported = false
    }
    private struct State {
        var bindings: [Credential: Binding] = [:]
        /// Agents whose refusals were reported, and until when that is enough.
        var reported: [AgentName: Timestamp] = [:]
    }

    package static let largestCount = 100_000
    private static let reportEvery = Duration.seconds(60)
    private let state = Mutex(State())

    package init() {}

    package func bind(
        _ principal: Principal, to workload: Workload, now: Timestamp
    ) -> Outcome {
        let credential = Credential(agent: principal.agent, id: principal.credential)
        return state.withLock { state in
            if let known = state.bindings[credential] {
                if known.workload == workload { return .own }
                state.bindings[credential]?.isReported = true
                return .foreign(isNews: !known.isReported)
            }
            if state.bindings.count >= Self.largestCount {
                state.bindings = state.bindings.filter { $0.value.expires > now }
            }
            guard state.bindings.count < Self.largestCount else { return .full }
            state.bindings[credential] = Binding(
                workload: workload, run: principal.run,
                expires: principal.expires + TokenLife.leeway)
            return .own
        }
    }

    /// The credentials of these runs are refused from now on, wherever they come from.
    package func forget(_ runs: Set<RunID>) {
        state.withLock { state in
            state.bindings = state.bindings.filter { !runs.contains($0.value.run) }
        }
    }

    /// Whether a refusal by the policy's own workloads is to be reported: once a minute for each agent.
    package func isNews(_ agent: AgentName, now: Timestamp) -> Bool {
        state.withLock { state in
            if let until = state.reported[agent], now < until { return false }
            state.reported[agent] = now + Self.reportEvery
            return true
        }
    }
}
