import InterlockModel

/// A key of a node in a file of its own: a raw seed of 32 bytes, mode 0400.
enum SeedFile {
    /// Returns the key and creates it if the file does not exist; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    static func openOrMake(
        _ path: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        if let key = try GuardedFile.ifPresent(try open(path)) { return key }
        do throws(KeyFailure) {
            try GuardedFile.create(path, entropy.bytes(Ed25519PrivateKey.seedCount), mode: 0o400)
        } catch {
            // Another process created it in the meantime.
            guard error.code == .exists else { throw error }
        }
        return try open(path)
    }

    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    static func open(_ path: String) throws(KeyFailure) -> Ed25519PrivateKey {
        let seed = try GuardedFile.read(path, limit: 64, rules: .secret)
        guard let key = Ed25519PrivateKey(seed: seed) else {
            throw KeyFailure(.malformed, "`\(path)` holds no usable key")
        }
        return key
    }
}
