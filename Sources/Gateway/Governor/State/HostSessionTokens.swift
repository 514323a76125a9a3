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
    private let tokens = Mutex<[RunID: String]>([:])

    package init() {}

    /// - Parameter token: the id of the token of the session's run.
    package func add(_ run: RunID, token: String) { tokens.withLock { $0[run] = token } }

    package func remove(_ run: RunID) { _ = tokens.withLock { $0.removeValue(forKey: run) } }

    package func has(run: RunID) -> Bool { tokens.withLock { $0[run] != nil } }

    func has(_ principal: Principal) -> Bool {
        tokens.withLock { $0[principal.run] }.map { sameBytes($0, principal.credential) } ?? false
    }
}
