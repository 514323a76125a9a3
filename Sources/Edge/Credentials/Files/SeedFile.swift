import InterlockModel

/// A key of a node in a file of its own: raw bytes, mode 0400. Most are the seed of an Ed25519 key, which has 32.
enum SeedFile {
    /// Returns the key and creates it if the file does not exist; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    static func openOrMake(
        _ path: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        try openOrMake(path, count: Ed25519PrivateKey.seedCount, entropy: entropy) {
            Ed25519PrivateKey(seed: $0)
        }
    }

    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    static func open(_ path: String) throws(KeyFailure) -> Ed25519PrivateKey {
        try open(path) { Ed25519PrivateKey(seed: $0) }
    }

    /// Returns the key and creates it if the file does not exist; durable on return.
    ///
    /// - Parameters:
    ///   - count: the bytes of a new key, at most 64.
    ///   - key: returns nil for bytes that are no key.
    /// - Throws: `exposed`, `malformed`, `io`.
    static func openOrMake<Key>(
        _ path: String, count: Int, entropy: some Entropy, as key: ([UInt8]) -> Key?
    ) throws(KeyFailure) -> Key {
        if let present = try GuardedFile.ifPresent(try open(path, as: key)) { return present }
        do throws(KeyFailure) {
            try GuardedFile.create(path, entropy.bytes(count), mode: 0o400)
        } catch {
            // Another process created it in the meantime.
            guard error.code == .exists else { throw error }
        }
        return try open(path, as: key)
    }

    /// - Parameter key: returns nil for bytes that are no key.
    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    static func open<Key>(
        _ path: String, as key: ([UInt8]) -> Key?
    ) throws(KeyFailure) -> Key {
        guard let opened = key(try GuardedFile.read(path, limit: 64, rules: .secret)) else {
            throw KeyFailure(.malformed, "`\(path)` holds no usable key")
        }
        return opened
    }
}
