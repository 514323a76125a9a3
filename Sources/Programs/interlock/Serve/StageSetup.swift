import InterlockAdministration
import InterlockChangeGate
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockEvidence
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTrust
import InterlockTrustCommands
import InterlockTrustStages

extension ControlSetup {
    /// Reads the stages of agents. Must be called before the gateway is made, and after the people were read, who signed the
    /// promotions.
    ///
    /// - Parameter criteria: the policy beside whose folder the criteria file is. It is read again from time to time, and
    ///   without one that can be read every agent is at stage 0.
    func stages(
        under policy: PolicySnapshot, _ people: AuthorizedKeysHolder, criteria: String,
        ledger: any Ledger
    ) async throws(Failure) -> TrustStageRegistry {
        do throws(ControlLogFailure) {
            return try await TrustStageRegistry(
                from: entries, under: policy, trust: { people.trust },
                criteria: { Self.criteria(beside: criteria) }, clock: SystemClock(),
                hashing: OpenSSLHashing(), verifier: OpenSSLVerifier(),
                note: { ledger.note($0) })
        } catch { throw failure(error) }
    }

    private static func criteria(beside policy: String) -> TrustCriteria? {
        guard let file = try? CriteriaFile(beside: policy), file.exists else { return nil }
        return file.criteria
    }
}

extension NodeParts {
    func trustStages(
        _ gateway: Gateway, _ evals: ChangeGateService, _ drills: DrillService,
        _ policies: PolicyService
    ) -> TrustStageService {
        TrustStageService(
            gateway: gateway, registry: stages,
            sources: TrustStageService.Sources(
                regression: { evals.regression(of: $0) }, drill: { drills.status },
                redecide: { await policies.redecideOpen(of: nil) }))
    }
}
