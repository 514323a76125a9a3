package import InterlockModel

/// The key with which a deployment signs its evidence packs. It differs from the log's key: a pack is a statement
/// about the log.
package enum EvidenceKey {
    package static let fileName = "evidence.key"

    /// Returns the key of a folder and creates it if it does not exist; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    package static func openOrMake(
        in folder: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        try SeedFile.openOrMake("\(folder)/\(fileName)", entropy: entropy)
    }

    /// - Throws: `missing`, `exposed`, `malformed`, `io`.
    package static func open(in folder: String) throws(KeyFailure) -> Ed25519PrivateKey {
        try SeedFile.open("\(folder)/\(fileName)")
    }
}
