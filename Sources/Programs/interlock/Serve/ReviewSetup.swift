import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockReviewCommands
import InterlockReviews
import InterlockTrustStages

extension ControlSetup {
    /// Reads the reviews of agents. Must be called before the gateway is made, and after the people were read, who signed
    /// them.
    func reviews(
        under policy: PolicySnapshot, _ people: AuthorizedKeysHolder, passkeys: PeoplePasskeys?
    ) async throws(Failure) -> ReviewRegistry {
        do throws(ControlLogFailure) {
            return try await ReviewRegistry(
                from: entries, under: policy, trust: { people.trust }, clock: SystemClock(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
                passkeys: passkeys?.judge(OpenSSLHashing()))
        } catch { throw failure(error) }
    }
}

extension NodeParts {
    func reviewService(
        _ gateway: Gateway, _ evidence: NodeEvidence, _ looks: LogAccessLimiter
    ) -> ReviewService {
        ReviewService(
            gateway: gateway, registry: reviews, stages: stages, log: evidence,
            files: ReviewFolder(path: deployment.reviews),
            sources: ReviewService.Sources(
                passkeys: passkeys,
                use: LogReviewUse(node: evidence, policy: deployment.policy), looks: looks))
    }
}
