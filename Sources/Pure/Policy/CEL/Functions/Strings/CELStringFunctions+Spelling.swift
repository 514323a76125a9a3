/// The same text written otherwise.
extension CELStringFunctions {
    static func lowerAscii(
        _ arguments: [CELValue], _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        try mapBytes(arguments, &budget) { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    static func upperAscii(
        _ arguments: [CELValue], _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        try mapBytes(arguments, &budget) { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xdf : byte
        }
    }

    /// Without the code points of Unicode's White_Space at both ends.
    static func trim(
        _ arguments: [CELValue], _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        let text = try arguments.text(0)
        try budget.spend(bytes: text.utf8.count)
        var rest = text.unicodeScalars[...]
        while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        return .string(String(String.UnicodeScalarView(rest)))
    }

    static func reverse(
        _ arguments: [CELValue], _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        let text = try arguments.text(0)
        try budget.spend(bytes: text.utf8.count)
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
    }

    /// Between double quotes, with escapes where a literal needs them.
    static func quote(
        _ arguments: [CELValue], _ budget: inout CELBudget
    ) throws(CELFault) -> CELValue {
        let text = Array(try arguments.text(0).utf8)
        var output = CELTextBuilder()
        try output.append("\"", &budget)
        for place in text.indices {
            if let escape = escape(text[place]) {
                try output.append(escape, &budget)
            } else {
                try output.append(text[place...place], &budget)
            }
        }
        try output.append("\"", &budget)
        return .string(output.text)
    }

    private static func escape(_ byte: UInt8) -> String? {
        switch byte {
        case 0x07: "\\a"
        case 0x08: "\\b"
        case 0x0c: "\\f"
        case UInt8(ascii: "\n"): "\\n"
        case UInt8(ascii: "\r"): "\\r"
        case UInt8(ascii: "\t"): "\\t"
        case 0x0b: "\\v"
        case UInt8(ascii: "\\"): "\\\\"
        case UInt8(ascii: "\""): "\\\""
        default: nil
        }
    }

    private static func mapBytes(
        _ arguments: [CELValue], _ budget: inout CELBudget, _ change: (UInt8) -> UInt8
    ) throws(CELFault) -> CELValue {
        let text = try arguments.text(0)
        try budget.spend(bytes: text.utf8.count)
        return .string(String(decoding: text.utf8.map(change), as: UTF8.self))
    }
}
