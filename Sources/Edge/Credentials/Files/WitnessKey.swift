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
        try SeedFile.openOrMake("\(folder)/\(fileName)", entropy: entropy)
    }
}
