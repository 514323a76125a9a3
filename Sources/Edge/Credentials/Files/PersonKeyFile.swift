import COpenSSL
package import InterlockModel

/// A person's key in a file: PKCS#8 in PEM, encrypted under a passphrase (scrypt, AES-256), mode 0600. A plain key
/// file is refused, because any process of that user, such as a coding agent, could use it.
package enum PersonKeyFile {
    /// The permitted length of a passphrase in bytes of UTF-8.
    package static let passphraseLengths = 8...1024
    private static let largestFile = 16 * 1024

    /// Creates a key file; durable on return. An existing file is never overwritten.
    ///
    /// - Throws: `exists`, `argument` (passphrase too short or long), `io`.
    package static func create(
        _ path: String, passphrase: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        let made = try make(passphrase: passphrase, entropy: entropy)
        try write(made.sealed, to: path)
        return made.key
    }

    /// Makes a new key without storing it.
    ///
    /// - Returns: the key, and the bytes of its file.
    /// - Throws: `argument` (passphrase too short or long), `io`.
    package static func make(
        passphrase: String, entropy: some Entropy
    ) throws(KeyFailure) -> (key: Ed25519PrivateKey, sealed: [UInt8]) {
        let seed = entropy.bytes(Ed25519PrivateKey.seedCount)
        guard let key = Ed25519PrivateKey(seed: seed) else {
            throw KeyFailure(.malformed, "the new key cannot be used")
        }
        return (key, try seal(seed, passphrase: passphrase))
    }

    /// Writes the file; durable on return. An existing file is never overwritten.
    package static func write(_ sealed: [UInt8], to path: String) throws(KeyFailure) {
        try GuardedFile.create(path, sealed, mode: 0o600)
    }

    /// - Parameter passphrase: called only if the file is an encrypted key.
    /// - Throws: `missing`, `exposed`, `plain`, `malformed`, `passphrase`, and the errors of `passphrase`.
    package static func open(
        _ path: String, passphrase: () throws(KeyFailure) -> String
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        let pem = try GuardedFile.read(path, limit: largestFile, rules: .secret)
        let text = String(decoding: pem, as: UTF8.self)
        guard text.contains("-----BEGIN ENCRYPTED PRIVATE KEY-----") else {
            if text.contains("PRIVATE KEY-----") || pem.count == Ed25519PrivateKey.seedCount {
                throw KeyFailure(
                    .plain, "`\(path)` is a private key without a passphrase",
                    help: "keep the key in ssh-agent, or make one with `interlock people key`")
            }
            throw KeyFailure(.malformed, "`\(path)` is no encrypted private key")
        }
        return try unseal(pem, passphrase: try passphrase(), path: path)
    }

    private static func seal(_ seed: [UInt8], passphrase: String) throws(KeyFailure) -> [UInt8] {
        guard passphraseLengths.contains(passphrase.utf8.count) else {
            throw KeyFailure(
                .argument,
                "a passphrase has \(passphraseLengths.lowerBound) to \(passphraseLengths.upperBound) bytes"
            )
        }
        var output = [UInt8](repeating: 0, count: 4096)
        let capacity = output.count
        let count = unsafe interlock_seal_seed(
            seed, passphrase, passphrase.utf8.count, &output, capacity)
        guard count > 0 else { throw KeyFailure(.io, "the key could not be encrypted") }
        return Array(output.prefix(count))
    }

    private static func unseal(
        _ pem: [UInt8], passphrase: String, path: String
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        guard passphrase.utf8.count <= passphraseLengths.upperBound else {
            throw KeyFailure(.passphrase, "the passphrase does not open `\(path)`")
        }
        var seed = [UInt8](repeating: 0, count: Ed25519PrivateKey.seedCount)
        let result = unsafe interlock_open_seed(
            pem, pem.count, passphrase, passphrase.utf8.count, &seed)
        switch result {
        case 1:
            guard let key = Ed25519PrivateKey(seed: seed) else { break }
            return key
        case 0: throw KeyFailure(.passphrase, "the passphrase does not open `\(path)`")
        case -2: throw KeyFailure(.malformed, "`\(path)` holds another kind of key than ed25519")
        default: break
        }
        throw KeyFailure(.malformed, "`\(path)` is no encrypted private key")
    }
}
