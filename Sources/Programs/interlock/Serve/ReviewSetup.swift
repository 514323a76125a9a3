import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockReviewCommands
import InterlockReviews
import InterlockStore
import InterlockTrustStages

extension ControlSetup {
    /// Reads the reviews of agents. Must be called before the gateway is made, and after the people, who signed them,
    /// and the stages were read.
    func reviews(
        under policy: PolicySnapshot, _ people: AuthorizedKeysHolder, _ stages: TrustStageRegistry,
        reader: LedgerReader, passkeys: PeoplePasskeys?
    ) async throws(Failure) -> ReviewRegistry {
        let seen = try await Self.latest(in: reader)
        do throws(ControlLogFailure) {
            return try await ReviewRegistry(
                from: entries, under: policy, stages: stages, seen: seen,
                trust: { people.trust }, clock: SystemClock(), hashing: OpenSSLHashing(),
                verifier: OpenSSLVerifier(),
                passkeys: passkeys?.judge(OpenSSLHashing()))
        } catch { throw failure(error) }
    }

    /// The number of the newest records whose times are compared: those of a start after the clock was set back are older
    /// than the ones before them.
    private static let newestTimes = 1_024

    private static func latest(in reader: LedgerReader) async throws(Failure) -> Timestamp? {
        do throws(StoreFailure) {
            return try await JobThread.reading("review-time") {
                () throws(LedgerFailure) -> Timestamp? in
                try reader.tail(Self.newestTimes).compactMap { $0.record?.time }.max()
            }
        } catch { throw Failure(.io, "cannot read the times on record: \(error.reason)") }
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
