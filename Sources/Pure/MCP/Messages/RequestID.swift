package import InterlockJSON

/// The id of a request, or a progress token: a string or an integer within +-(2^53-1).
package enum RequestID: Hashable, Sendable, CustomStringConvertible {
    case string(String)
    case integer(Int64)

    package static let maximumBytes = 1024

    package init?(_ value: JSONValue) {
        switch value {
        case .string(let text) where text.utf8.count <= Self.maximumBytes: self = .string(text)
        case .integer(let number): self = .integer(number)
        default: return nil
        }
    }

    package var json: JSONValue {
        switch self {
        case .string(let text): .string(text)
        case .integer(let number): .integer(number)
        }
    }

    package var description: String {
        switch self {
        case .string(let text): text
        case .integer(let number): String(number)
        }
    }

    package static func == (a: RequestID, b: RequestID) -> Bool {
        switch (a, b) {
        case (.string(let a), .string(let b)): sameBytes(a, b)
        case (.integer(let a), .integer(let b)): a == b
        case (.string, .integer), (.integer, .string): false
        }
    }

    package func hash(into hasher: inout Hasher) {
        switch self {
        case .string(let text): hashBytes(of: text, into: &hasher)
        case .integer(let number): hasher.combine(number)
        }
    }
}
