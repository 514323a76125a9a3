import InterlockJSON

/// The method by which a field is shown in part.
package enum MaskMethod: String, Sendable, Hashable {
    /// Shows nothing.
    case redact
    /// Shows the last four characters, and nothing of a text that has no more than these.
    case last4
    /// Shows an address from its last `@` on, and nothing of a text without one.
    case domainOnly = "domain_only"

    private static let hidden = "[redacted]"

    /// Masks a value. Null is kept; anything but a string or number is hidden as a whole.
    func masked(_ value: JSONValue) -> JSONValue {
        switch value {
        case .null: .null
        case .string(let text): .string(masked(text))
        case .integer(let number): .string(masked(String(number)))
        case .number(let number): .string(masked(number.digits))
        case .bool, .array, .object: .string(Self.hidden)
        }
    }

    private func masked(_ text: String) -> String {
        switch self {
        case .redact: return Self.hidden
        case .last4: return text.count > 4 ? "****" + text.suffix(4) : Self.hidden
        case .domainOnly:
            guard let at = text.lastIndex(of: "@") else { return Self.hidden }
            return String(text[at...])
        }
    }

    /// The method for a field with two methods: two different ones give `redact`.
    func stricter(_ other: MaskMethod) -> MaskMethod { self == other ? self : .redact }
}
