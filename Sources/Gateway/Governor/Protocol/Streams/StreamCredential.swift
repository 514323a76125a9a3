import InterlockModel
import InterlockPorts
import Synchronization

/// The credential of an open request or stream, with the state needed to check it again. A token is looked up again
/// only if it may have expired, or if a revocation or key rotation came since the last lookup.
///
/// INVARIANT: no stream outlives the credential it was opened with, nor a halt; no credential for less goes on with
/// it. Kept by `SubscriptionTests`, `ResumptionTests`, `EventLogTests`.
final class StreamCredential: Sendable {
    private let bearer: String?
    /// The workload that the request's connection proved.
    let workload: Workload
    /// `Authenticator.revocations` as read before the last successful lookup, or `unseen`.
    private let seen = Atomic<UInt64>(unseen)

    private static let unseen = UInt64.max

    init(_ bearer: String?, from workload: Workload) {
        self.bearer = bearer
        self.workload = workload
    }

    /// Takes over the result of `identify`.
    ///
    /// - Parameter revocations: `Authenticator.revocations` as read before that lookup.
    func isProven(at revocations: UInt64) { seen.store(revocations, ordering: .releasing) }

    /// Returns nil if the credential still identifies this agent and run. Costs an atomic load and two comparisons if
    /// nothing has changed.
    func fault(
        of principal: Principal, _ authenticator: any Authenticator, at now: Timestamp
    ) -> IdentityFailure? {
        // INVARIANT: read before the lookup, as in `identify`.
        let revocations = authenticator.revocations
        // The authenticator's leeway decides at the expiry, as for a new request.
        if now < principal.expires, seen.load(ordering: .acquiring) == revocations { return nil }
        do throws(IdentityFailure) {
            let found = try authenticator.identify(bearer: bearer, now: now)
            guard found.agent == principal.agent, found.run == principal.run else {
                return .revoked
            }
            seen.store(revocations, ordering: .releasing)
            return nil
        } catch { return error }
    }

    /// Returns whether the credential still identifies this agent and run.
    func stands(
        for principal: Principal, _ authenticator: any Authenticator, at now: Timestamp
    ) -> Bool {
        fault(of: principal, authenticator, at: now) == nil
    }
}
