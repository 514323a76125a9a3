package import InterlockModel

/// An Ed25519 key of a log (C2SP signed-note, type 0x01), written `name+hex id+base64(0x01 || key)`.
package struct VerifierKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let id: UInt32
    /// 32 bytes.
    package let publicKey: [UInt8]
    private let written: String

    /// Long enough for any origin, short enough that a vkey fits a leaf's field (128 bytes).
    package static let maximumNameBytes = 64

    /// - Returns: nil when the name may not stand in a note or the key is not 32 bytes.
    package init?(name: String, publicKey: [UInt8], hashing: any Hashing) {
        self.init(
            VerifierKeyText(name: name, publicKey: publicKey, type: .log, hashing: hashing))
    }

    /// Refuses a text whose id does not belong to its name and key.
    package init?(_ text: String, hashing: any Hashing) {
        self.init(VerifierKeyText(text, type: .log, hashing: hashing))
    }

    private init?(_ text: VerifierKeyText?) {
        guard let text else { return nil }
        name = text.name
        id = text.id
        publicKey = text.publicKey
        written = text.description
    }

    package var description: String { written }

    /// A name has no space, no plus and no control character.
    package static func isName(_ name: String) -> Bool {
        (1...maximumNameBytes).contains(name.utf8.count)
            && name.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != UInt8(ascii: "+") }
    }

    static func bytes(of id: UInt32) -> [UInt8] {
        [24, 16, 8, 0].map { UInt8(truncatingIfNeeded: id >> UInt32($0)) }
    }
}

/// The private half, wherever it is kept. Safe from any thread; signing never fails (a key store that
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
