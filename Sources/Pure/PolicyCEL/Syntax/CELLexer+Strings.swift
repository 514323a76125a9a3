extension CELLexer {
    /// Reads a string or bytes literal, starting at its first quote.
    mutating func string(isRaw: Bool, isBytes: Bool) throws(CELProblem) -> CELValue {
        let start = offset
        guard let quote = peek() else { throw syntax("expected a quote") }
        let isTriple = peek(1) == quote && peek(2) == quote
        let length = isTriple ? 3 : 1
        advance(length)
        var content: [UInt8] = []
        while let byte = peek() {
            if byte == quote, !isTriple || (peek(1) == quote && peek(2) == quote) {
                advance(length)
                return isBytes ? .bytes(content) : .string(String(decoding: content, as: UTF8.self))
            }
            if byte == UInt8(ascii: "\\"), !isRaw {
                try escape(into: &content, isBytes: isBytes)
                continue
            }
            if !isTriple, byte == 0x0a || byte == 0x0d { break }
            content.append(byte)
            advance()
        }
        throw syntax("the string is not closed", at: start)
    }

    /// Reads an escape. Numbers are code points in strings and octets in bytes, where `\u` and `\U` are
    /// invalid.
    private mutating func escape(into content: inout [UInt8], isBytes: Bool) throws(CELProblem) {
        let start = offset
        advance()
        guard let byte = peek() else { throw syntax("the string is not closed", at: start) }
        if let simple = Self.simpleEscapes[byte] {
            advance()
            content.append(simple)
            return
        }
        let value: UInt64
        switch byte {
        case UInt8(ascii: "x"), UInt8(ascii: "X"):
            advance()
            value = try digits(2, radix: 16, at: start)
        case UInt8(ascii: "u") where !isBytes:
            advance()
            value = try digits(4, radix: 16, at: start)
        case UInt8(ascii: "U") where !isBytes:
            advance()
            value = try digits(8, radix: 16, at: start)
        case UInt8(ascii: "0")...UInt8(ascii: "3"): value = try digits(3, radix: 8, at: start)
        default:
            throw syntax(
                "an escape that CEL does not have", at: start,
                help: "a backslash is written `\\\\`, or the string begins with `r`")
        }
        if isBytes {
            content.append(UInt8(truncatingIfNeeded: value))
            return
        }
        guard let scalar = UInt32(exactly: value).flatMap(Unicode.Scalar.init) else {
            throw syntax("the escape names no character", at: start)
        }
        content += Array(String(Character(scalar)).utf8)
    }

    private mutating func digits(
        _ count: Int, radix: UInt64, at start: Int
    ) throws(CELProblem) -> UInt64 {
        var value: UInt64 = 0
        for _ in 0..<count {
            guard let digit = hexDigit(peek()), digit < radix else {
                throw syntax("the escape needs \(count) digits", at: start)
            }
            advance()
            value = value * radix + digit
        }
        return value
    }

    private static let simpleEscapes: [UInt8: UInt8] = [
        UInt8(ascii: "a"): 0x07, UInt8(ascii: "b"): 0x08, UInt8(ascii: "f"): 0x0c,
        UInt8(ascii: "n"): 0x0a, UInt8(ascii: "r"): 0x0d, UInt8(ascii: "t"): 0x09,
        UInt8(ascii: "v"): 0x0b, UInt8(ascii: "\\"): UInt8(ascii: "\\"),
        UInt8(ascii: "?"): UInt8(ascii: "?"), UInt8(ascii: "\""): UInt8(ascii: "\""),
        UInt8(ascii: "'"): UInt8(ascii: "'"), UInt8(ascii: "`"): UInt8(ascii: "`"),
    ]
}
