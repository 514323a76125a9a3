/// A public key of a log or a witness, written `name+id+base64(type || key)`.
struct VerifierKey: Hashable {
    enum Kind: UInt8 {
        /// Signs notes: a log.
        case note = 0x01
        /// Signs a time and a checkpoint: a witness.
        case cosignature = 0x04
    }

    let name: Octets
    /// The key id of 4 bytes.
    let id: [UInt8]
    let kind: Kind
    /// The public key of 32 bytes.
    let key: [UInt8]

    /// - Returns: nil unless the text is in canonical form, with the id that belongs to name and key.
    init?(_ text: some Collection<UInt8>) {
        let parts = text.split(
            separator: UInt8(ascii: "+"), maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, VerifierKey.isName(parts[0]), let id = Hex.decode(parts[1]),
            let typed = Base64.decode(Array(parts[2])[...]), typed.count == 33,
            let kind = Kind(rawValue: typed[0])
        else { return nil }
        name = Octets(parts[0])
        self.id = id
        self.kind = kind
        key = Array(typed.dropFirst())
        let named = name.bytes + [0x0a] + typed
        guard id == Array(Crypto.sha256(named).bytes.prefix(4)) else { return nil }
    }

    private static let maximumName = 64

    /// Returns whether the name is printable ASCII without space and plus.
    static func isName(_ name: some Collection<UInt8>) -> Bool {
        (1...maximumName).contains(name.count)
            && name.allSatisfy { (0x21..<0x7f).contains($0) && $0 != UInt8(ascii: "+") }
    }

    func owns(_ signature: SignedNote.Signature) -> Bool {
        signature.name == name && signature.id == id
    }

    /// Returns whether a signature line of this key is valid for the text.
    func verifies(_ signature: SignedNote.Signature, of text: [UInt8]) -> Bool {
        switch kind {
        case .note: return Crypto.verifies(signature.bytes, of: text, by: key)
        case .cosignature:
            guard signature.bytes.count == 72 else { return false }
            let time = signature.bytes.prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard time <= UInt64(Int64.max) else { return false }
            let message = Array("cosignature/v1\ntime \(time)\n".utf8) + text
            return Crypto.verifies(Array(signature.bytes.dropFirst(8)), of: message, by: key)
        }
    }
}
