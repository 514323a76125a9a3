package import InterlockModel

/// The private half of a log's key, wherever it is kept. Safe from any thread; signing never fails (a key store that
/// cannot sign ends the process instead: an unsigned log is no log).
package protocol NoteSigner: Sendable {
    /// The key's name, which is the origin of the log.
    var name: String { get }
    /// 32 bytes.
    var publicKey: [UInt8] { get }
    /// - Returns: 64 bytes of Ed25519 signature.
    func sign(_ message: [UInt8]) -> [UInt8]
}

/// A signer and the id of its key.
package struct IdentifiedSigner: Sendable {
    package let signer: any NoteSigner
    package let id: UInt32

    package init(_ signer: any NoteSigner, id: UInt32) {
        self.signer = signer
        self.id = id
    }
}

/// A signer made of parts, for a key that is kept elsewhere.
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
