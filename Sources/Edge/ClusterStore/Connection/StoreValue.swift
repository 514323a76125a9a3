/// A value that is passed to a function of the store.
package enum StoreValue: Hashable, Sendable {
    case text(String)
    case integer(Int64)
    case flag(Bool)
    case bytes([UInt8])
    /// A `text[]`.
    case list([String])
    case null

    /// The bytes on the wire, or nil for NULL, and whether they are the value itself instead of its text.
    var encoded: (bytes: [UInt8]?, isBinary: Bool) {
        switch self {
        case .text(let text): (Array(text.utf8), false)
        case .integer(let number): (Array("\(number)".utf8), false)
        case .flag(let flag): (Array((flag ? "true" : "false").utf8), false)
        case .bytes(let bytes): (bytes, true)
        case .list(let texts): (Array(Self.array(texts).utf8), false)
        case .null: (nil, false)
        }
    }

    /// False for a text with a zero byte, which would end it early.
    var isWhole: Bool {
        switch self {
        case .text(let text): !text.utf8.contains(0)
        case .list(let texts): !texts.contains { $0.utf8.contains(0) }
        case .integer, .flag, .bytes, .null: true
        }
    }

    /// The text form of an array, with each element in quotes.
    private static func array(_ texts: [String]) -> String {
        var text = "{"
        for (place, element) in texts.enumerated() {
            text += place > 0 ? ",\"" : "\""
            for scalar in element.unicodeScalars {
                if scalar == "\"" || scalar == "\\" { text.unicodeScalars.append("\\") }
                text.unicodeScalars.append(scalar)
            }
            text += "\""
        }
        return text + "}"
    }
}

/// The value of a column of a result: the text form of PostgreSQL, or the bytes of a `bytea`.
package enum StoreColumn: Hashable, Sendable {
    case text(String)
    case bytes([UInt8])
    case null

    package var text: String? { if case .text(let text) = self { text } else { nil } }
    package var bytes: [UInt8]? { if case .bytes(let bytes) = self { bytes } else { nil } }
    package var integer: Int64? { text.flatMap { Int64($0) } }
    /// Nil unless the text is that of a boolean.
    package var flag: Bool? {
        switch text {
        case "t": true
        case "f": false
        default: nil
        }
    }
}
