/// Translates the patterns of schemas from ECMAScript syntax to RE2 syntax. The common subset is kept and two spellings
/// are translated; RE2 itself rejects what it lacks (look-around, back-references).
enum ECMAPattern {
    /// Translates `\u00e9` to `\x{00e9}` and `(?<name>` to `(?P<name>`.
    static func forRE2(_ pattern: String) -> String {
        var result: [UInt8] = []
        var rest = Array(pattern.utf8)[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), let next = rest.popFirst() {
                let digits = rest.prefix(4)
                if next == UInt8(ascii: "u"), digits.count == 4, digits.allSatisfy(isHexDigit) {
                    result.append(contentsOf: #"\x{"#.utf8)
                    result.append(contentsOf: digits)
                    result.append(UInt8(ascii: "}"))
                    rest = rest.dropFirst(4)
                } else {
                    result.append(byte)
                    result.append(next)
                }
            } else if byte == UInt8(ascii: "("), rest.starts(with: "?<".utf8),
                let after = rest.dropFirst(2).first, after != UInt8(ascii: "="),
                after != UInt8(ascii: "!")
            {
                result.append(contentsOf: "(?P<".utf8)
                rest = rest.dropFirst(2)
            } else {
                result.append(byte)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func isHexDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte | 0x20)
    }
}
