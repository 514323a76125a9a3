import InterlockAdministration
import InterlockConfiguration
import InterlockCredentials
import InterlockDeployment
import InterlockGovernor
import InterlockPolicy
import InterlockPolicyReview
import InterlockSandboxes

extension NodeParts {
    func runOrders(_ gateway: Gateway) -> RunControlService {
        RunControlService(
            gateway: gateway, people: people.holder, verifier: OpenSSLVerifier(),
            passkeys: passkeys, hashing: hashing)
    }

    func sandboxes(_ gateway: Gateway, _ policies: PolicyService) -> SandboxService {
        let folders = RunFolders(path: deployment.runs)
        return SandboxService(
            gateway: gateway, folders: folders, issuer: tokens, processes: folders,
            starts: LedgerRunStartReader(reader: setup.reader),
            production: ProductionSecrets(deployment.configuration.secrets.production),
            isReloadRefused: { policies.last?.refusal?.isError ?? false })
    }
}
