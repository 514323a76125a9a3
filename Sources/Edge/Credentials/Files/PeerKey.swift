package import InterlockModel

/// The key with which a node of a cluster proves itself to others over TLS: a raw seed of 32 bytes in a file of mode 0400.
/// People sign its SubjectPublicKeyInfo, so its certificate may be made anew at any time.
package enum PeerKey {
    package static let fileName = "peer.key"

    /// Returns the key of a folder and creates it if it does not exist; durable on return.
    ///
    /// - Throws: `exposed`, `malformed`, `io`.
    package static func openOrMake(
        in folder: String, entropy: some Entropy
    ) throws(KeyFailure) -> Ed25519PrivateKey {
        try SeedFile.openOrMake("\(folder)/\(fileName)", entropy: entropy)
    }
}
