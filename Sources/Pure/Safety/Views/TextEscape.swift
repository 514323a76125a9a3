import InterlockJSON

/// A character or byte as an escape of URLs (`%41`, `%u0041`), of JSON and programs (`\u0041`, `\U00000041`, `\u{41}`,
/// `\x41`, `\n`), or of HTML (`&#65;`, `&#x41;`, `&amp;`).
struct TextEscape {
    /// The bytes of the escape.
    let length: Int
    /// The character, or the byte if `isByte`.
    let scalar: UInt32
    let isByte: Bool

    private init(_ length: Int, _ scalar: UInt32, isByte: Bool = false) {
        (self.length, self.scalar, self.isByte) = (length, scalar, isByte)
    }

    /// - Parameter end: the end of what may be a part of it.
    /// - Returns: nil if no escape begins at `start`.
    init?(in text: Span<UInt8>, at start: Int, end: Int) {
        let found: TextEscape? =
            switch text[start] {
            case UInt8(ascii: "%"): Self.percent(text, start, end)
            case UInt8(ascii: "\\"): Self.backslash(text, start, end)
            case UInt8(ascii: "&"): Self.reference(text, start, end)
            default: nil
            }
        guard let found else { return nil }
        self = found
    }

    /// True for a letter or digit of ASCII, which no encoder needs to escape.
    var isNeedless: Bool { scalar < 0x80 && length > 2 && ByteClass.sextets[Int(scalar)] < 62 }

    private static func percent(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> TextEscape? {
        if let value = digits(text, start + 1, count: 2, end) {
            return TextEscape(3, value, isByte: true)
        }
        guard start + 1 < end, text[start + 1] | 0x20 == UInt8(ascii: "u"),
            let value = digits(text, start + 2, count: 4, end), isCharacter(value)
        else { return nil }
        return TextEscape(6, value)
    }

    private static func backslash(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> TextEscape? {
        guard start + 1 < end else { return nil }
        switch text[start + 1] {
        case UInt8(ascii: "u"): return unicode(text, start, end)
        case UInt8(ascii: "U"):
            guard let value = digits(text, start + 2, count: 8, end), isCharacter(value) else {
                return nil
            }
            return TextEscape(10, value)
        case UInt8(ascii: "x"):
            return digits(text, start + 2, count: 2, end).map { TextEscape(4, $0, isByte: true) }
        case UInt8(ascii: "n"): return TextEscape(2, 0x0a)
        case UInt8(ascii: "r"): return TextEscape(2, 0x0d)
        case UInt8(ascii: "t"): return TextEscape(2, 0x09)
        case UInt8(ascii: "b"): return TextEscape(2, 0x08)
        case UInt8(ascii: "f"): return TextEscape(2, 0x0c)
        case UInt8(ascii: "\\"), UInt8(ascii: "/"), UInt8(ascii: "\""), UInt8(ascii: "'"):
            return TextEscape(2, UInt32(text[start + 1]))
        default: return nil
        }
    }

    private static func unicode(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> TextEscape? {
        if let value = digits(text, start + 2, count: 4, end) {
            guard !isCharacter(value) else { return TextEscape(6, value) }
            // A pair of surrogates is one character; half a pair stays as it is.
            let low = start + 6
            guard value < 0xdc00, low + 1 < end, text[low] == UInt8(ascii: "\\"),
                text[low + 1] == UInt8(ascii: "u"),
                let second = digits(text, low + 2, count: 4, end), second & 0xfc00 == 0xdc00
            else { return nil }
            return TextEscape(12, 0x10000 + (value & 0x3ff) << 10 + second & 0x3ff)
        }
        guard start + 2 < end, text[start + 2] == UInt8(ascii: "{") else { return nil }
        guard let (value, next) = number(text, start + 3, end, base: 16), next < end,
            text[next] == UInt8(ascii: "}"), isCharacter(value)
        else { return nil }
        return TextEscape(next + 1 - start, value)
    }

    private static func reference(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> TextEscape? {
        guard start + 2 < end else { return nil }
        guard text[start + 1] == UInt8(ascii: "#") else { return named(text, start, end) }
        let isHexadecimal = text[start + 2] | 0x20 == UInt8(ascii: "x")
        let digits = start + (isHexadecimal ? 3 : 2)
        guard let (value, next) = number(text, digits, end, base: isHexadecimal ? 16 : 10),
            isCharacter(value)
        else { return nil }
        // Browsers take a number without its semicolon, too.
        let isClosed = next < end && text[next] == UInt8(ascii: ";")
        return TextEscape(next - start + (isClosed ? 1 : 0), value)
    }

    /// The names of HTML for characters of ASCII, and the spaces.
    private static let texts: [(String, Unicode.Scalar)] = [
        ("amp", "&"), ("lt", "<"), ("gt", ">"), ("quot", "\""), ("apos", "'"), ("nbsp", "\u{a0}"),
        ("AMP", "&"), ("LT", "<"), ("GT", ">"), ("QUOT", "\""), ("shy", "\u{ad}"),
        ("lowbar", "_"), ("UnderBar", "_"), ("sol", "/"), ("bsol", "\\"), ("period", "."),
        ("equals", "="), ("plus", "+"), ("colon", ":"), ("semi", ";"), ("comma", ","),
        ("num", "#"), ("dollar", "$"), ("percnt", "%"), ("excl", "!"), ("quest", "?"),
        ("commat", "@"), ("lpar", "("), ("rpar", ")"), ("ast", "*"), ("midast", "*"),
        ("lsqb", "["), ("lbrack", "["), ("rsqb", "]"), ("rbrack", "]"), ("lcub", "{"),
        ("lbrace", "{"), ("rcub", "}"), ("rbrace", "}"), ("vert", "|"), ("verbar", "|"),
        ("Hat", "^"), ("grave", "`"), ("Tab", "\t"), ("NewLine", "\n"),
        ("ZeroWidthSpace", "\u{200b}"), ("zwj", "\u{200d}"), ("zwnj", "\u{200c}"),
        ("NoBreak", "\u{2060}"),
    ]
    private static let names: [(name: [UInt8], scalar: UInt32)] = texts.map {
        (Array($0.0.utf8), $0.1.value)
    }

    private static let longestName = 14

    private static func named(_ text: Span<UInt8>, _ start: Int, _ end: Int) -> TextEscape? {
        var close = start + 1
        let last = min(end, close + longestName + 1)
        while close < last, isLetter(text[close]) { close += 1 }
        // Most texts have `&` between words: their names are compared with none.
        guard close > start + 1, close < last, text[close] == UInt8(ascii: ";") else { return nil }
        let count = close - start - 1
        for (name, scalar) in names where name.count == count {
            Steps.count(1)
            var index = 0
            while index < count, text[start + 1 + index] == name[index] { index += 1 }
            if index == count { return TextEscape(count + 2, scalar) }
        }
        return nil
    }

    private static func isLetter(_ byte: UInt8) -> Bool {
        byte | 0x20 >= UInt8(ascii: "a") && byte | 0x20 <= UInt8(ascii: "z")
    }

    private static func isCharacter(_ value: UInt32) -> Bool { Unicode.Scalar(value) != nil }

    /// Returns the value of so many hexadecimal digits, or nil.
    private static func digits(
        _ text: Span<UInt8>, _ start: Int, count: Int, _ end: Int
    ) -> UInt32? {
        guard start + count <= end else { return nil }
        var value: UInt32 = 0
        for index in start..<start + count {
            guard let digit = ByteClass.nibble(text[index]) else { return nil }
            value = value << 4 | UInt32(digit)
        }
        return value
    }

    /// Returns the value of one digit or more, and the offset behind them. There may be any number of zeros before it.
    private static func number(
        _ text: Span<UInt8>, _ start: Int, _ end: Int, base: UInt32
    ) -> (value: UInt32, next: Int)? {
        var (value, index) = (UInt32(0), start)
        while index < end, let digit = ByteClass.nibble(text[index]), UInt32(digit) < base {
            value = value * base + UInt32(digit)
            guard value <= 0x10ffff else { return nil }
            index += 1
        }
        return index > start ? (value, index) : nil
    }
}
