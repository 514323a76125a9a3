/// JSON strings as written, without their quotes.
enum JSONString {
    /// Returns the length of the escape at the front, or nil if it is invalid. A minimal escape is one that RFC 8785
    /// writes: two characters if JSON defines such an escape, otherwise `\u00` and lower-case hex below U+0020.
    static func escapeLength(_ text: ArraySlice<UInt8>, minimal: Bool) -> Int? {
        guard let kind = text.dropFirst().first else { return nil }
        if shortEscapes[kind] != nil || kind == UInt8(ascii: "/") && !minimal { return 2 }
        guard kind == UInt8(ascii: "u"), let unit = codeUnit(text) else { return nil }
        if minimal {
            let isLower = !text.prefix(6).contains {
                (UInt8(ascii: "A")...UInt8(ascii: "F")).contains($0)
            }
            return unit < 0x20 && isLower && !shortEscapes.values.contains(UInt8(unit)) ? 6 : nil
        }
        guard (0xd800..<0xe000).contains(unit) else { return 6 }
        guard unit < 0xdc00, let low = codeUnit(text.dropFirst(6)), (0xdc00..<0xe000).contains(low)
        else { return nil }
        return 12
    }

    /// Returns the bytes that a well-formed string represents.
    static func decoded(_ text: ArraySlice<UInt8>) -> [UInt8] {
        guard text.contains(backslash) else { return Array(text) }
        var output: [UInt8] = []
        var rest = text
        while let byte = rest.first {
            if byte == backslash, let length = escapeLength(rest, minimal: false) {
                output += meaning(of: rest.prefix(length))
                rest = rest.dropFirst(length)
            } else {
                output.append(byte)
                rest = rest.dropFirst()
            }
        }
        return output
    }

    /// Compares in the order of RFC 8785: by UTF-16 code units. The order of UTF-8 differs only if one side has a
    /// character above U+FFFF (first byte F0 to F4) and the other one from U+E000 (EE, EF).
    static func precedes(_ a: ArraySlice<UInt8>, _ b: ArraySlice<UInt8>) -> Bool {
        if a.contains(backslash) || b.contains(backslash) {
            return decoded(a).lexicographicallyPrecedes(decoded(b)) { rank($0) < rank($1) }
        }
        return a.lexicographicallyPrecedes(b) { rank($0) < rank($1) }
    }

    private static func rank(_ byte: UInt8) -> UInt8 {
        byte == 0xee || byte == 0xef ? byte + 0x10 : byte
    }

    private static func meaning(of escape: ArraySlice<UInt8>) -> [UInt8] {
        let kind = escape[escape.startIndex + 1]
        guard kind == UInt8(ascii: "u"), let first = codeUnit(escape) else {
            return [shortEscapes[kind] ?? kind]
        }
        let low = codeUnit(escape.dropFirst(6))
        let scalar = low.map { 0x10000 + (first - 0xd800) << 10 + ($0 - 0xdc00) } ?? first
        return Unicode.Scalar(scalar).map { Array(String(Character($0)).utf8) } ?? []
    }

    /// Returns the code unit of an escape with four digits.
    private static func codeUnit(_ escape: ArraySlice<UInt8>) -> UInt32? {
        let digits = escape.dropFirst(2).prefix(4)
        guard escape.prefix(2).isText("\\u"), digits.count == 4 else { return nil }
        return digits.reduce(0) { unit, digit in
            let value = Character(Unicode.Scalar(digit)).hexDigitValue
            return value.flatMap { value in unit.map { $0 << 4 | UInt32(value) } }
        }
    }

    private static let backslash = UInt8(ascii: "\\")
    /// The bytes of two-character escapes, by their second character.
    private static let shortEscapes: [UInt8: UInt8] = [
        backslash: backslash, UInt8(ascii: "\""): UInt8(ascii: "\""), UInt8(ascii: "b"): 0x08,
        UInt8(ascii: "t"): 0x09, UInt8(ascii: "n"): 0x0a, UInt8(ascii: "f"): 0x0c,
        UInt8(ascii: "r"): 0x0d,
    ]
}
