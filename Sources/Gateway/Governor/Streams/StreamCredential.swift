import InterlockModel
import InterlockPorts
import Synchronization

/// The credential of an open request or stream, with what is needed to check it again. A token is looked
/// up again only if it may have expired or a revocation or key rotation came since the last look-up.
final class StreamCredential: Sendable {
    private let bearer: String?
    /// The place that the connection of the request proved.
    let workload: Workload
    /// `Authenticator.revocations` as read before the last successful look-up, or `unseen`.
    private let seen = Atomic<UInt64>(unseen)

    private static let unseen = UInt64.max

    init(_ bearer: String?, from workload: Workload) {
        self.bearer = bearer
        self.workload = workload
    }

    /// Takes over the look-up of `identify`.
    ///
    /// - Parameter revocations: `Authenticator.revocations` as read before that look-up.
    func isProven(at revocations: UInt64) { seen.store(revocations, ordering: .releasing) }

    /// Returns nil if the credential still identifies this agent and run. Costs an atomic load and two
    /// comparisons if nothing has changed.
    func fault(
        of principal: Principal, _ authenticator: any Authenticator, at now: Timestamp
    ) -> IdentityFailure? {
        // INVARIANT: read before the look-up, as in `identify`.
        let revocations = authenticator.revocations
        // At the expiry the authenticator's leeway decides, as for a new request.
        if now < principal.expires, seen.load(ordering: .acquiring) == revocations { return nil }
        do throws(IdentityFailure) {
            let found = try authenticator.identify(bearer: bearer, now: now)
            guard found.agent == principal.agent, found.run == principal.run else {
                return .revoked
            }
            seen.store(revocations, ordering: .releasing)
            return nil
        } catch {
            return error
        }
    }

    /// Whether it still identifies this agent and run.
    func stands(
        for principal: Principal, _ authenticator: any Authenticator, at now: Timestamp
    ) -> Bool {
        fault(of: principal, authenticator, at: now) == nil
    }
}
