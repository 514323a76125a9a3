package import InterlockModel

/// The key by which a node cosigns for others: a raw seed of 32 bytes in a file of mode 0400. Not the
/// log's key, since a cosignature does not name who made it.
package enum WitnessKey {
    package static let fileName = "witness.key"

    /// The key of a folder, made if it is not there; durable on return.
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
            // Somebody else made it in this moment.
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
