package import InterlockCommandLine
import InterlockCredentials
package import InterlockModel

/// A public key file as `ssh-keygen` writes it.
package enum PublicKeyFile {
    private static let limitBytes = 16 << 10

    /// - Throws: 66 if the file cannot be read, 65 if it does not contain an Ed25519 key.
    package static func read(_ path: String) throws(Failure) -> PublicKey {
        let bytes = try FileFailure.exits(.notFound, try File.read(path, limit: limitBytes))
        do throws(KeyFailure) {
            return try SSHPublicKey(line: String(decoding: bytes, as: UTF8.self)).key
        } catch { throw Failure(.data, "`\(path)`: \(error.reason)", help: error.help) }
    }
}
