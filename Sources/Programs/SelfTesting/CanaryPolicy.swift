import InterlockAdministration
import InterlockCommandLine
import InterlockCredentials
package import InterlockDeployment
package import InterlockGovernor
package import InterlockModel
package import InterlockPolicy
import InterlockPolicyCommands
import InterlockPorts
import InterlockStore
import InterlockYAML
import InterlockZones

/// A policy for canaries, which governs nothing else.
package struct CanaryPolicy: Sendable {
    package let snapshot: PolicySnapshot
    /// The text that its digest covers, and the files with which its decisions are made again.
    package let canonical: [UInt8]
    package let bundle: [UInt8]
    package let zones: String

    /// - Parameter name: the name of its file, which its records state.
    /// - Throws: exit 70 if the text is no valid policy.
    package init(_ name: String, _ text: String, at now: Timestamp) throws {
        let file = PolicyFile(path: name, role: .single, bytes: Array(text.utf8))
        zones = SystemZones().version
        guard let bundle = PolicyBundle(files: [file], lock: nil, zones: zones).bytes else {
            throw Failure(.internalError, "the policy of canaries has no bundle")
        }
        let reading = PolicyReader.read([file], keepsTrees: false, namesCanaries: true)
        do throws(PolicyRefusal) {
            snapshot = try LoadedPolicy(
                reading, lock: .ignored, at: now, bundle: OpenSSLHashing().sha256(bundle)
            ).snapshot
        } catch {
            throw Failure(
                .internalError,
                "the policy of canaries does not read: "
                    + error.findings.map(\.text).joined(separator: "; "))
        }
        guard let canonical = snapshot.takeCanonical()?.bytes(lock: nil) else {
            throw Failure(.internalError, "the policy of canaries has no canonical form")
        }
        self.canonical = canonical
        self.bundle = bundle
    }
}

extension CanaryPolicy {
    /// Archives the policy and puts it in force for the canaries.
    ///
    /// - Parameter name: the policy, as a message names it.
    package func begin(
        _ name: String, in gateway: Gateway, of deployment: Deployment
    ) async throws {
        try deployment.policyArchive.keep(canonical: canonical, bundle: bundle)
        do throws(LedgerRefusal) {
            try await gateway.beginDrill(under: snapshot, zones: zones)
        } catch { throw Failure(.io, "the log does not take \(name): \(error.code)") }
    }
}
