import InterlockModel
import Synchronization

/// The credential that an open stream was opened with. It is asked for again when one may count no more for
/// another reason than its time: a revocation, or a key that was rotated.
final class HeldCredential: Sendable {
    private let bearer: String?
    /// `Authenticator.revocations` when it was found to count last; none at first, so that a revocation
    /// between the request's look-up and the first look is not missed.
    private let seen = Mutex<UInt64?>(nil)

    init(_ bearer: String?) { self.bearer = bearer }

    /// Whether it still names this agent and run. Looked up only where something may have changed.
    func stands(for principal: Principal, _ authenticator: any Authenticator, at now: Timestamp)
        -> Bool
    {
        // INVARIANT: read before the look-up, as in `identify`.
        let revocations = authenticator.revocations
        if seen.withLock({ $0 == revocations }) { return true }
        guard let found = try? authenticator.identify(bearer: bearer, now: now),
            found.agent == principal.agent, found.run == principal.run
        else { return false }
        seen.withLock { $0 = revocations }
        return true
    }
}
