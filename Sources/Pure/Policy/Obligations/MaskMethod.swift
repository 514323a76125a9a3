import InterlockJSON

/// How a field is shown in part.
package enum MaskMethod: String, Sendable, Hashable {
    /// Not at all.
    case redact
    /// The last four characters; nothing of a text that has no more than these.
    case last4
    /// What stands behind the `@` of an address; nothing of a text without one.
    case domainOnly = "domain_only"

    private static let hidden = "[redacted]"

    /// Null stays; anything but a string or number is hidden as a whole.
    func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null: .null
        case .string(let text): .string(masked(text))
        case .integer(let number): .string(masked(String(number)))
        case .number(let number): .string(masked(number.text))
        case .bool, .array, .object: .string(Self.hidden)
        }
    }

    private func masked(_ text: String) -> String {
        switch self {
        case .redact: return Self.hidden
        case .last4:
            return text.count > 4 ? "****" + text.suffix(4) : Self.hidden
        case .domainOnly:
            guard let at = text.lastIndex(of: "@") else { return Self.hidden }
            return String(text[at...])
        }
    }

    /// Of two methods for one field, the one that shows less.
    func stricter(_ other: MaskMethod) -> MaskMethod {
        self == other ? self : .redact
    }
}
