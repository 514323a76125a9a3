package import InterlockModel
import Synchronization

/// The workload to which each credential is bound: the first that uses it (docs/specs/mcp.md, section 8.1). Stored in
/// memory until the credential ends, so a restart binds anew.
///
/// INVARIANT: an agent whose policy names workloads is accepted there alone; a token belongs to the workload that
/// uses it first. Kept by `WorkloadBindingTests`, `test_workloads.py`.
package final class WorkloadBindings: Sendable {
    package enum Outcome: Equatable, Sendable {
        /// The credential is bound to this workload, from now on or already.
        case own
        /// The credential is bound to another workload. `isNews` is true the first time this is detected for it.
        case foreign(isNews: Bool)
        /// The table of bindings is full.
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
        /// The agents whose refusals were reported, and the time until which no further report is made.
        var reported: [AgentName: Timestamp] = [:]
    }

    package static let largestCount = 100_000
    private static let reportEvery = Duration.seconds(60)
    private let state = Mutex(State())

    package init() {}

    package func bind(_ principal: Principal, to workload: Workload, now: Timestamp) -> Outcome {
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

    /// Removes the bindings of runs whose credentials were revoked.
    package func forget(_ runs: Set<RunID>) {
        state.withLock { state in
            state.bindings = state.bindings.filter { !runs.contains($0.value.run) }
        }
    }

    /// Returns whether a refusal by the policy's workloads is to be reported: once a minute for each agent.
    package func isNews(_ agent: AgentName, now: Timestamp) -> Bool {
        state.withLock { state in
            if let until = state.reported[agent], now < until { return false }
            state.reported[agent] = now + Self.reportEvery
            return true
        }
    }
}
