import InterlockJSON
package import InterlockModel
import Synchronization

/// The tokens with which the gateway itself passes on the events of hooks outside runs, one for each session of a host.
/// Such a token never leaves the process, so it counts wherever the policy says that the events of a user are an
/// agent's, and nowhere else.
///
/// INVARIANT: a call with such a token is admitted only while the policy in force names its user for its agent. Kept by
/// `HostSessionTests`.
package final class HostSessionTokens: Sendable {
    private struct Session {
        let agent: AgentName
        let token: String
    }
    private let sessions = Mutex<[RunID: Session]>([:])

    package init() {}

    /// - Parameter token: the id of the token of the session's run.
    package func add(_ run: RunID, of agent: AgentName, token: String) {
        sessions.withLock { $0[run] = Session(agent: agent, token: token) }
    }

    package func remove(_ run: RunID) { _ = sessions.withLock { $0.removeValue(forKey: run) } }

    package func has(run: RunID) -> Bool { sessions.withLock { $0[run] != nil } }

    /// Returns the runs of the open sessions of an agent, unordered.
    func runs(of agent: AgentName) -> [RunID] {
        sessions.withLock { sessions in
            sessions.compactMap { $0.value.agent == agent ? $0.key : nil }
        }
    }

    func has(_ principal: Principal) -> Bool {
        sessions.withLock { $0[principal.run]?.token }.map { sameBytes($0, principal.credential) }
            ?? false
    }
}
