package import InterlockModel

/// `store.key` in the folder of keys: the 32 bytes with which all nodes of a cluster seal the rows of their store
/// (docs/specs/cluster.md, section 11). The node that founds the cluster makes it; people bring it to the others.
package enum StoreKeyFile {
    package static let fileName = "store.key"

    /// Makes the key unless there is one; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    package static func make(in folder: String, entropy: some Entropy) throws(KeyFailure) {
        _ = try SeedFile.openOrMake(
            path(folder), count: OpenSSLRowCipher.secretBytes, entropy: entropy
        ) { OpenSSLRowCipher($0) }
    }

    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    package static func open(in folder: String) throws(KeyFailure) -> OpenSSLRowCipher {
        try SeedFile.open(path(folder)) { OpenSSLRowCipher($0) }
    }

    private static func path(_ folder: String) -> String { "\(folder)/\(fileName)" }
}
