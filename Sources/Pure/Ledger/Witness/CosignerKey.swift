package import InterlockModel

/// The Ed25519 key of a witness (C2SP tlog-cosignature, type 0x04). Never a log's key: a cosignature
/// does not name who made it.
package struct CosignerKey: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let id: UInt32
    /// 32 bytes.
    package let publicKey: [UInt8]
    private let written: String

    /// - Returns: nil when the name may not stand in a note or the key is not 32 bytes.
    package init?(name: String, publicKey: [UInt8], hashing: any Hashing) {
        self.init(
            VerifierKeyText(name: name, publicKey: publicKey, type: .cosigner, hashing: hashing))
    }

    /// Refuses a text whose id does not belong to its name and key.
    package init?(_ text: String, hashing: any Hashing) {
        self.init(VerifierKeyText(text, type: .cosigner, hashing: hashing))
    }

    private init?(_ text: VerifierKeyText?) {
        guard let text else { return nil }
        name = text.name
        id = text.id
        publicKey = text.publicKey
        written = text.description
    }

    package var description: String { written }
}
