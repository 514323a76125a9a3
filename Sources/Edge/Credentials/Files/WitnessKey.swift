package import InterlockModel

/// The key that a node cosigns with as a witness: a raw seed of 32 bytes in a file of mode 0400. It differs from the
/// log's key, because a cosignature does not name its signer.
package enum WitnessKey {
    package static let fileName = "witness.key"

    /// Returns the key of a folder and creates it if it does not exist; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    package static func openOrMake(
        in folder: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        let path = "\(folder)/\(fileName)"
        if let key = try GuardedFile.ifPresent(try open(path)) { return key }
        do throws(KeyFailure) {
            try GuardedFile.create(path, entropy.bytes(Ed25519PrivateKey.seedCount), mode: 0o400)
        } catch {
            // Another process created it in the meantime.
            guard error.code == .exists else { throw error }
        }
        return try open(path)
    }

    private static func open(_ path: String) throws(KeyFailure) -> Ed25519PrivateKey {
        let seed = try GuardedFile.read(path, limit: 64, rules: .secret)
        guard let key = Ed25519PrivateKey(seed: seed) else {
            throw KeyFailure(.malformed, "`\(path)` holds no usable key")
        }
        return key
    }
}
