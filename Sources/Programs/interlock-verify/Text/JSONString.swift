/// Strings of JSON as they are written, without their quotes.
enum JSONString {
    /// The length of the escape at the front; nil when there is none. A minimal escape is one that RFC
    /// 8785 writes: two characters where JSON has them, else `\u00` and lower-case hex below U+0020.
    static func escapeLength(_ text: ArraySlice<UInt8>, minimal: Bool) -> Int? {
        guard let kind = text.dropFirst().first else { return nil }
        if kind != UInt8(ascii: "u") {
            let known =
                minimal ? shortEscapes[kind] != nil : kind == slash || shortEscapes[kind] != nil
            return known ? 2 : nil
        }
        let digits = text.dropFirst(2).prefix(4)
        guard digits.count == 4, let unit = codeUnit(digits) else { return nil }
        if minimal {
            guard unit < 0x20, !shortEscapes.values.contains(UInt8(unit)),
                !digits.contains(where: (UInt8(ascii: "A")...UInt8(ascii: "F")).contains)
            else { return nil }
            return 6
        }
        switch unit {
        case 0xd800..<0xdc00:
            let low = text.dropFirst(6).prefix(6)
            guard low.starts(with: Array("\\u".utf8)), let second = codeUnit(low.dropFirst(2)),
                (0xdc00..<0xe000).contains(second)
            else { return nil }
            return 12
        case 0xdc00..<0xe000: return nil
        default: return 6
        }
    }

    /// The bytes that a well-formed string stands for.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(backslash) else { return Array(text) }
        var output: [UInt8] = []
        var rest = text
        while let byte = rest.first {
            guard byte == backslash, let length = escapeLength(rest, minimal: false) else {
                output.append(byte)
                rest = rest.dropFirst()
                continue
            }
            output += escaped(rest.prefix(length))
            rest = rest.dropFirst(length)
        }
        return output
    }

    /// The order of RFC 8785: by UTF-16 code units. That of UTF-8 differs from it only where one side has
    /// a character above U+FFFF (first byte F0 to F4) and the other one from U+E000 (EE, EF).
    static func precedes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
        if a.contains(backslash) || b.contains(backslash) {
            return ordered(decoded(a)[...], decoded(b)[...])
        }
        return ordered(a, b)
    }

    private static func ordered(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
        for (x, y) in zip(a, b) where x != y { return rank(x) < rank(y) }
        return a.count < b.count
    }

    private static func rank(_ byte: UInt8) -> UInt8 {
        byte == 0xee || byte == 0xef ? byte + 0x10 : byte
    }

    private static func escaped(_ escape: ArraySlice<UInt8>) -> [UInt8] {
        let text = Array(escape)
        guard text.count > 2 else { return [shortEscapes[text[1]] ?? text[1]] }
        guard let first = codeUnit(text[2..<6]) else { return [] }
        var scalar = first
        if text.count == 12, let second = codeUnit(text[8..<12]) {
            scalar = 0x10000 + (first - 0xd800) << 10 + (second - 0xdc00)
        }
        return Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
    }

    private static func codeUnit(_ digits: ArraySlice<UInt8>) -> UInt32? {
        guard digits.count == 4 else { return nil }
        var unit: UInt32 = 0
        for digit in digits {
            guard let value = Character(Unicode.Scalar(digit)).hexDigitValue else { return nil }
            unit = unit << 4 | UInt32(value)
        }
        return unit
    }

    private static let backslash = UInt8(ascii: "\\")
    private static let slash = UInt8(ascii: "/")
    /// The second character of an escape, and what it stands for.
    private static let shortEscapes: [UInt8: UInt8] = [
        backslash: backslash, UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "f"): 0x0c,
        UInt8(ascii: "r"): 0x0d,
    ]
}
