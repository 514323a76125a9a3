package import InterlockModel

/// An Ed25519 key that signs notes, written `name+hex id+base64(type || key)` (C2SP signed-note, "verifier keys"). The
/// type byte distinguishes the keys of logs and witnesses; it is part of the id and determines the generic type here.
package struct NoteKey<Kind: NoteKeyKind>: Hashable, Sendable, CustomStringConvertible {
    package let name: String
    package let id: UInt32
    /// The public key, 32 bytes.
    package let publicKey: [UInt8]

    /// - Returns: nil if the name is not permitted in a note or the key does not have 32 bytes.
    package init?(name: String, publicKey: [UInt8], hashing: any Hashing) {
        guard NoteName.isName(name), publicKey.count == 32 else { return nil }
        self.name = name
        self.publicKey = publicKey
        let digest = hashing.sha256(Array(name.utf8) + [0x0a, Kind.type] + publicKey)
        id = UInt32(truncatingIfNeeded: digest.words.0 >> 32)
    }

    /// Parses the text. Rejects a key of another kind, and an id that does not match name and key.
    package init?(_ text: String, hashing: any Hashing) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.utf8.count <= maximumTextBytes, parts.count == 3,
            let key = Base64.decode(parts[2]), key.first == Kind.type
        else { return nil }
        self.init(name: String(parts[0]), publicKey: Array(key.dropFirst()), hashing: hashing)
        guard parts[1] == hexID else { return nil }
    }

    package var description: String {
        "\(name)+\(hexID)+\(Base64.encode([Kind.type] + publicKey))"
    }

    private var hexID: String {
        var bytes: [UInt8] = []
        bytes.appendInteger(UInt64(id), width: 4)
        return Hex.encode(bytes)
    }
}

/// The kind of message that a key signs.
package protocol NoteKeyKind {
    static var type: UInt8 { get }
}

/// The kind of keys that sign the text of a note.
package enum NoteSigning: NoteKeyKind {
    package static let type: UInt8 = 0x01
}

/// The kind of keys that sign a time and the text of a checkpoint (C2SP tlog-cosignature).
package enum Cosigning: NoteKeyKind {
    package static let type: UInt8 = 0x04
}

/// The key of a log.
package typealias VerifierKey = NoteKey<NoteSigning>
/// The key of a witness. It must not be the key of a log, because a cosignature does not name its signer.
package typealias CosignerKey = NoteKey<Cosigning>

private let maximumTextBytes = 256
