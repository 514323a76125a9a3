import InterlockModel

/// The written form that keys of logs and of witnesses share (C2SP signed-note, "verifier keys"):
/// `name+hex id+base64(type || key)`. The type byte keeps a log's key and a witness's apart, and goes
/// into the id.
struct VerifierKeyText {
    let name: String
    let id: UInt32
    /// 32 bytes of Ed25519.
    let publicKey: [UInt8]
    let type: KeyType

    enum KeyType: UInt8 {
        case log = 0x01
        case cosigner = 0x04
    }

    private static let maximumBytes = 256

    /// - Returns: nil when the name may not stand in a note or the key is not 32 bytes.
    init?(name: String, publicKey: [UInt8], type: KeyType, hashing: any Hashing) {
        guard VerifierKey.isName(name), publicKey.count == 32 else { return nil }
        self.name = name
        self.publicKey = publicKey
        self.type = type
        let digest = hashing.sha256(Array(name.utf8) + [0x0a, type.rawValue] + publicKey)
        id = UInt32(truncatingIfNeeded: digest.words.0 >> 32)
    }

    /// Refuses another type, and an id that does not belong to name and key.
    init?(_ text: String, type: KeyType, hashing: any Hashing) {
        let parts = text.split(separator: "+", maxSplits: 2, omittingEmptySubsequences: false)
        guard text.utf8.count <= Self.maximumBytes, parts.count == 3,
            let id = Hex.decode(parts[1]), id.count == 4,
            let key = Base64.decode(parts[2]), key.first == type.rawValue
        else { return nil }
        self.init(
            name: String(parts[0]), publicKey: Array(key.dropFirst()), type: type, hashing: hashing)
        guard id == VerifierKey.bytes(of: self.id) else { return nil }
    }

    var description: String {
        let key = Base64.encode([type.rawValue] + publicKey)
        return "\(name)+\(Hex.encode(VerifierKey.bytes(of: id)))+\(key)"
    }
}
