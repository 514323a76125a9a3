package import InterlockLedger
package import InterlockModel

/// The answer of a signer to one request.
///
/// ```
/// 1 status      origin, u64 size, root, public key, u8 1 if a slot of the tree was damaged at the start, else 0
/// 2 note        the bytes of a signed note
/// 3 signature   64 bytes, by the key of `status`
/// 4 refused     u8 code, the reason as UTF-8
/// ```
package enum SignerResponse: Hashable, Sendable {
    case status(Checkpoint, PublicKey, wasTreeDamaged: Bool = false)
    case note([UInt8])
    case signature([UInt8])
    case refused(SignerRefusal)

    /// The maximum size of a reason in bytes.
    private static let maximumReasonBytes = 512

    private enum Kind: UInt8 {
        case status = 1
        case note = 2
        case signature = 3
        case refused = 4
    }

    /// Parses a response without its length.
    ///
    /// - Returns: nil unless it has exactly one of the forms.
    package init?(parsing bytes: [UInt8]) {
        guard bytes.count <= SignerMessage.maximumResponseBytes else { return nil }
        var fields = SigningFields(bytes)
        guard let first = fields.integer(1), let kind = Kind(rawValue: UInt8(first)) else {
            return nil
        }
        switch kind {
        case .status:
            guard let origin = fields.text(), NoteName.isName(origin),
                let size = fields.integer(8), size < 1 << 63, let root = fields.digest(),
                let raw = fields.take(32), let key = PublicKey(bytes: Array(raw)),
                let damage = fields.integer(1), damage <= 1
            else { return nil }
            self = .status(
                Checkpoint(origin: origin, size: size, root: root), key,
                wasTreeDamaged: damage == 1)
        case .note: self = .note(fields.rest())
        case .signature:
            guard let raw = fields.take(64) else { return nil }
            self = .signature(Array(raw))
        case .refused:
            guard let raw = fields.integer(1),
                let code = SignerRefusal.Code(rawValue: UInt8(raw))
            else { return nil }
            let reason = fields.rest()
            guard reason.count <= Self.maximumReasonBytes,
                let text = String(validating: reason, as: UTF8.self)
            else { return nil }
            self = .refused(SignerRefusal(code, text))
        }
        guard fields.isAtEnd else { return nil }
    }

    /// The bytes of the response without its length.
    package var bytes: [UInt8] {
        var writer = SigningFieldsWriter()
        switch self {
        case .status(let head, let key, let wasTreeDamaged):
            writer.add(UInt64(Kind.status.rawValue), width: 1)
            writer.add(head.origin)
            writer.add(head.size, width: 8)
            writer.add(head.root)
            writer.add(key.bytes)
            writer.add(wasTreeDamaged ? 1 : 0, width: 1)
        case .note(let note):
            writer.add(UInt64(Kind.note.rawValue), width: 1)
            writer.add(note)
        case .signature(let signature):
            writer.add(UInt64(Kind.signature.rawValue), width: 1)
            writer.add(signature)
        case .refused(let refusal):
            writer.add(UInt64(Kind.refused.rawValue), width: 1)
            writer.add(UInt64(refusal.code.rawValue), width: 1)
            writer.add(Array(fitting(refusal.reason).utf8))
        }
        return writer.bytes
    }

    /// The reason, cut between two characters if it is too long.
    private func fitting(_ reason: String) -> String {
        var text = reason
        while text.utf8.count > Self.maximumReasonBytes { text.removeLast() }
        return text
    }
}
