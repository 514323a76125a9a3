package import InterlockModel

/// The ways in which people identify records: by index, leaf hash, call or decision, or approval (docs/specs/ledger.md,
/// section 17).
package enum RecordName: Hashable, Sendable {
    case index(UInt64)
    case hash(Digest)
    case call(String)
    case approval(String)
    /// 26 characters that may be the id of a call or of an approval.
    case id(String)

    /// - Returns: nil unless the text has one of the forms.
    package init?(_ text: String) {
        if text.hasPrefix("dec_"), let id = CallID(text.dropFirst(4)) {
            self = .call(id.text)
        } else if text.hasPrefix("apr_"), let id = ApprovalID(text.dropFirst(4)) {
            self = .approval(id.text)
        } else if let id = CallID(text) {
            self = .id(id.text)
        } else if let hash = Digest(base64: text) ?? Hex.decode(text).flatMap({ Digest(bytes: $0) })
        {
            self = .hash(hash)
        } else if let index = UInt64(text), String(index) == text {
            self = .index(index)
        } else {
            return nil
        }
    }

    package func names(_ record: StoredRecord, index: UInt64, hash: Digest) -> Bool {
        switch self {
        case .index(let wanted): wanted == index
        case .hash(let wanted): wanted == hash
        case .call(let id): record.text("call") == id
        case .approval(let id): record.text("appr") == id
        case .id(let id): record.text("call") == id || record.text("appr") == id
        }
    }

    /// True if at most one record has this name.
    package var isUnique: Bool {
        switch self {
        case .index, .hash: true
        case .call, .approval, .id: false
        }
    }
}
