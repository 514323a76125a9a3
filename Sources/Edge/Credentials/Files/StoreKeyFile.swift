package import InterlockModel

/// `store.key` in the folder of keys: the 32 bytes with which all nodes of a cluster seal the rows of their store
/// (docs/specs/cluster.md, section 11). The node that founds the cluster makes it; people bring it to the others.
package enum StoreKeyFile {
    package static let fileName = "store.key"

    /// Makes the key unless there is one; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    package static func make(in folder: String, entropy: some Entropy) throws(KeyFailure) {
        if try GuardedFile.ifPresent(try open(in: folder)) != nil { return }
        do throws(KeyFailure) {
            try GuardedFile.create(
                path(folder), entropy.bytes(OpenSSLRowCipher.secretBytes), mode: 0o400)
        } catch {
            // Another process made it in the meantime.
            guard error.code == .exists else { throw error }
        }
    }

    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    package static func open(in folder: String) throws(KeyFailure) -> OpenSSLRowCipher {
        let secret = try GuardedFile.read(path(folder), limit: 64, rules: .secret)
        guard let cipher = OpenSSLRowCipher(secret) else {
            throw KeyFailure(.malformed, "`\(path(folder))` holds no usable key")
        }
        return cipher
    }

    private static func path(_ folder: String) -> String { "\(folder)/\(fileName)" }
}
