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
        under policy: PolicySnapshot, _ people: AuthorizedKeysHolder
    ) async throws(Failure) -> ReviewRegistry {
        do throws(ControlLogFailure) {
            return try await ReviewRegistry(
                from: entries, under: policy, trust: { people.trust }, clock: SystemClock(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier())
        } catch { throw failure(error) }
    }
}

extension NodeParts {
    func reviewService(_ gateway: Gateway, _ evidence: NodeEvidence) -> ReviewService {
        ReviewService(
            gateway: gateway, registry: reviews, stages: stages, log: evidence,
            files: ReviewFolder(path: deployment.reviews))
    }
}
