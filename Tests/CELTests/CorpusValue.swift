import InterlockJSON
import InterlockModel

@testable import InterlockPolicyCEL

/// Reads tagged values of the corpus, such as `{"int": "-9"}`, and types as text, such as `map(string, int)`.
extension CELValue {
    /// - Returns: nil for an unknown tag, which only cases with protobuf have, or an invalid value.
    init?(tagged json: JSONValue) {
        guard let member = json.object?.members.first else { return nil }
        let text = member.value.string ?? ""
        let value: CELValue? =
            switch member.key {
            case "null": .null
            case "bool": member.value.bool.map { .bool($0) }
            case "int": Int64(text).map { .int($0) }
            case "uint": UInt64(text).map { .uint($0) }
            case "double": Double(text).map { .double($0) }
            case "string": .string(text)
            case "bytes": Array(hexadecimal: text).map { .bytes($0) }
            case "list": member.value.array.flatMap(Self.list)
            case "map": member.value.array.flatMap(Self.map)
            case "type": .type(CELTypeName(text))
            case "duration": (try? CELDuration(text: text)).map { .duration($0) }
            case "timestamp": (try? CELTimestamp(text: text)).map { .timestamp($0) }
            default: nil
            }
        guard let value else { return nil }
        self = value
    }

    private static func list(_ items: [JSONValue]) -> CELValue? {
        let values = items.compactMap { CELValue(tagged: $0) }
        return values.count == items.count ? .list(.values(values)) : nil
    }

    private static func map(_ pairs: [JSONValue]) -> CELValue? {
        var entries: [(key: CELValue, value: CELValue)] = []
        for pair in pairs {
            guard let pair = pair.array, pair.count == 2, let key = CELValue(tagged: pair[0]),
                let value = CELValue(tagged: pair[1])
            else { return nil }
            entries.append((key, value))
        }
        return .map(.entries(entries))
    }

    /// Returns true if tag and content are the same: `1` differs from `1.0` and `0.0` from `-0.0`, NaN equals itself,
    /// and the order of maps does not count.
    func isIdentical(to other: CELValue) -> Bool {
        switch (self, other) {
        case (.null, .null): true
        case (.bool(let a), .bool(let b)): a == b
        case (.int(let a), .int(let b)): a == b
        case (.uint(let a), .uint(let b)): a == b
        case (.double(let a), .double(let b)):
            a.isNaN ? b.isNaN : a == b && a.sign == b.sign
        case (.string(let a), .string(let b)): a.utf8.elementsEqual(b.utf8)
        case (.bytes(let a), .bytes(let b)): a == b
        case (.type(let a), .type(let b)): a == b
        case (.duration(let a), .duration(let b)): a == b
        case (.timestamp(let a), .timestamp(let b)): a == b
        case (.list(let a), .list(let b)):
            a.count == b.count && (0..<a.count).allSatisfy { a[$0].isIdentical(to: b[$0]) }
        case (.map(let a), .map(let b)):
            a.count == b.count
                && a.pairs.allSatisfy { pair in
                    b.pairs.contains {
                        pair.key.isIdentical(to: $0.key) && pair.value.isIdentical(to: $0.value)
                    }
                }
        default: false
        }
    }
}

extension CELMap {
    fileprivate var pairs: [(key: CELValue, value: CELValue)] {
        switch self {
        case .entries(let entries): entries
        case .json(let object): object.members.map { (.string($0.key), CELValue($0.value)) }
        }
    }
}

extension CELType {
    /// - Returns: nil for a message that is not a well-known type of the language.
    init?(corpus text: String) {
        let simple: [String: CELType] = [
            "int": .int, "uint": .uint, "double": .double, "bool": .bool, "string": .string,
            "bytes": .bytes, "null_type": .null, "dyn": .dyn, "duration": .duration,
            "timestamp": .timestamp, "message:google.protobuf.Duration": .duration,
        ]
        if let type = simple[text] {
            self = type
        } else if text.hasPrefix("param:") {
            self = .parameter(String(text.dropFirst("param:".count)))
        } else if let open = text.firstIndex(of: "("), text.last == ")" {
            let parts = Self.arguments(text[text.index(after: open)...].dropLast())
            let types = parts.compactMap { CELType(corpus: $0) }
            guard types.count == parts.count else { return nil }
            switch (text[..<open], types.count) {
            case ("list", 1): self = .list(types[0])
            case ("map", 2): self = .map(types[0], types[1])
            case ("optional_type", 1): self = .optional(types[0])
            case (let name, _): self = .opaque(String(name), types)
            }
        } else {
            return nil
        }
    }

    /// Splits at the commas outside of parentheses.
    private static func arguments(_ text: Substring) -> [String] {
        var parts: [String] = []
        var part = ""
        var depth = 0
        for character in text {
            if character == "(" { depth += 1 }
            if character == ")" { depth -= 1 }
            if character == ",", depth == 0 {
                parts.append(part)
                part = ""
            } else if character != " " || !part.isEmpty {
                part.append(character)
            }
        }
        return parts + [part]
    }
}

extension [UInt8] {
    fileprivate init?(hexadecimal text: String) {
        let digits = [Character](text)
        guard digits.count.isMultiple(of: 2) else { return nil }
        self.init()
        for place in stride(from: 0, to: digits.count, by: 2) {
            guard let byte = UInt8(String(digits[place...(place + 1)]), radix: 16) else {
                return nil
            }
            append(byte)
        }
    }
}
