/// Functions that change the spelling of a text.
extension CELStringFunctions {
    static let lowerAscii: CELFunction.Unary = { text, budget throws(CELFault) in
        try mapBytes(text, &budget) { byte in
            (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte) ? byte | 0x20 : byte
        }
    }

    static let upperAscii: CELFunction.Unary = { text, budget throws(CELFault) in
        try mapBytes(text, &budget) { byte in
            (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) ? byte & 0xdf : byte
        }
    }

    /// Removes the code points of Unicode's White_Space from both ends.
    static func trim(_ text: CELValue, _ budget: inout CELBudget) throws(CELFault) -> CELValue {
        let text = try text.string()
        try budget.spend(bytes: text.utf8.count)
        var rest = text.unicodeScalars[...]
        while let first = rest.first, first.properties.isWhitespace { rest.removeFirst() }
        while let last = rest.last, last.properties.isWhitespace { rest.removeLast() }
        return .string(String(String.UnicodeScalarView(rest)))
    }

    static func reverse(_ text: CELValue, _ budget: inout CELBudget) throws(CELFault) -> CELValue {
        let text = try text.string()
        try budget.spend(bytes: text.utf8.count)
        return .string(String(String.UnicodeScalarView(text.unicodeScalars.reversed())))
    }

    /// Encloses a text in double quotes and escapes what a literal cannot contain.
    static func quote(_ text: CELValue, _ budget: inout CELBudget) throws(CELFault) -> CELValue {
        let text = try text.string()
        try budget.spend(bytes: text.utf8.count)
        var output = "\""
        for scalar in text.unicodeScalars {
            if let escape = escape(scalar) {
                output += escape
            } else {
                output.unicodeScalars.append(scalar)
            }
        }
        return .string(output + "\"")
    }

    private static func escape(_ scalar: Unicode.Scalar) -> String? {
        switch scalar {
        case "\u{07}": "\\a"
        case "\u{08}": "\\b"
        case "\u{0c}": "\\f"
        case "\n": "\\n"
        case "\r": "\\r"
        case "\t": "\\t"
        case "\u{0b}": "\\v"
        case "\\": "\\\\"
        case "\"": "\\\""
        default: nil
        }
    }

    private static func mapBytes(
        _ text: CELValue, _ budget: inout CELBudget, _ change: (UInt8) -> UInt8
    ) throws(CELFault) -> CELValue {
        let text = try text.string()
        try budget.spend(bytes: text.utf8.count)
        return .string(String(decoding: text.utf8.map(change), as: UTF8.self))
    }
}
