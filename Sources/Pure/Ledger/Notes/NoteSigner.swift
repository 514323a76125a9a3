package import InterlockModel

/// The private key of a log, wherever it is kept. It is safe to use from any thread. Signing never fails: a key store
/// that cannot sign ends the process, because an unsigned log is useless.
package protocol NoteSigner: Sendable {
    /// The key's name, which is the origin of the log.
    var name: String { get }
    /// The public key, 32 bytes.
    var publicKey: [UInt8] { get }
    /// - Returns: the Ed25519 signature, 64 bytes.
    func sign(_ message: [UInt8]) -> [UInt8]
}

/// A signer with the id of its key.
package struct IdentifiedSigner: Sendable {
    package let signer: any NoteSigner
    package let id: UInt32

    package init(_ signer: any NoteSigner, id: UInt32) {
        self.signer = signer
        self.id = id
    }
}

/// A signer that calls a closure, for a key that is kept elsewhere.
package struct LogKey: NoteSigner {
    package let name: String
    package let publicKey: [UInt8]
    private let make: @Sendable ([UInt8]) -> [UInt8]

    package init(
        name: String, publicKey: PublicKey, sign: @escaping @Sendable ([UInt8]) -> [UInt8]
    ) {
        self.name = name
        self.publicKey = publicKey.bytes
        make = sign
    }

    package func sign(_ message: [UInt8]) -> [UInt8] { make(message) }
}
