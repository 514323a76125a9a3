import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
package import InterlockDeployment
import InterlockJSON
import InterlockLedger
import InterlockModel
package import InterlockPorts

/// The evidence key of a deployment, and its record `key.listed`, without which no pack that it signs is accepted.
package enum EvidenceKeyListing {
    /// The name in the verifier key. The record belongs to a log, so it needs no other.
    private static let name = "evidence"
    private static let markerBytes = 1 << 10

    static func verifierKey(_ key: Ed25519PrivateKey) -> VerifierKey? {
        VerifierKey(name: name, publicKey: key.publicKey.bytes, hashing: OpenSSLHashing())
    }

    /// Creates the key if it does not exist, and records it once in each log. Durable on return; after a crash the next
    /// start records it again, which changes nothing.
    ///
    /// - Returns: nil, or the reason why packs cannot be signed yet.
    package static func list(_ deployment: Deployment, in ledger: any Ledger) async -> String? {
        let key: Ed25519PrivateKey
        do throws(KeyFailure) {
            key = try EvidenceKey.openOrMake(in: deployment.keys, entropy: SystemEntropy())
        } catch { return "the evidence key cannot be used: \(error.reason)" }
        guard let vkey = verifierKey(key) else { return "the evidence key has no usable form" }
        let path = deployment.state + "/evidence-key.listed"
        let line = Array("\(deployment.configuration.ledger.origin) \(vkey)\n".utf8)
        if let found = try? File.readRegular(path, limit: markerBytes), found == line {
            return nil
        }
        do throws(LedgerRefusal) {
            _ = try await ledger.append(
                RecordDraft(
                    .keyListed, run: nil,
                    fields: ["use": "evidence", "vkey": .string(vkey.description)]))
        } catch { return "the evidence key is not in the log: \(error.detail)" }
        do throws(FileFailure) { try File.write(line, to: path) } catch {
            return "the evidence key is recorded again at the next start: \(error.message)"
        }
        return nil
    }
}
