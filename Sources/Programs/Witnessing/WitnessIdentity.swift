package import InterlockCommandLine
import InterlockCredentials
package import InterlockLedger
import InterlockModel

/// The key with which this program cosigns other logs.
package struct WitnessIdentity: Sendable {
    package let key: CosignerKey
    private let secret: Ed25519PrivateKey

    /// - Parameters:
    ///   - folder: the folder of keys; the key is created there at first use.
    ///   - name: the name of the key; a node's is `<domain>/<node>`.
    package init(in folder: String, name: String) throws(Failure) {
        do throws(KeyFailure) {
            secret = try WitnessKey.openOrMake(in: folder, entropy: SystemEntropy())
        } catch {
            throw Failure(
                error.code == .exposed ? .notPermitted : .io, error.reason, help: error.help)
        }
        guard
            let key = CosignerKey(
                name: name, publicKey: secret.publicKey.bytes, hashing: OpenSSLHashing())
        else { throw Failure(.data, "`\(name)` is no name of a key") }
        self.key = key
    }

    package func sign(_ message: [UInt8]) -> [UInt8] { secret.sign(message) }
}
