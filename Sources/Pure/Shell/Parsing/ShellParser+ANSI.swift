extension ShellParser {
    /// Reads `'…'` after `$`. A shell without this form ends the quotes at `\'`, so that it is not understood.
    mutating func parseANSI(_ word: inout WordBuilder) throws(ShellFault) {
        word.isQuoted = true
        word.isANSI = true
        at += 1
        while let byte = next {
            at += 1
            if byte == Byte.apostrophe { return }
            if byte == Byte.newline { try checkLineBreak() }
            guard byte == Byte.backslash else {
                word.append(byte)
                continue
            }
            guard let escape = next else { throw fault(.incomplete) }
            at += 1
            guard escape != Byte.apostrophe else { throw fault(.syntax) }
            try appendEscape(escape, &word)
        }
        throw fault(.incomplete)
    }

    private mutating func appendEscape(
        _ escape: UInt8, _ word: inout WordBuilder
    ) throws(ShellFault) {
        let value: UInt32
        switch escape {
        case UInt8(ascii: "a"): value = 7
        case UInt8(ascii: "b"): value = 8
        case UInt8(ascii: "e"), UInt8(ascii: "E"): value = 27
        case UInt8(ascii: "f"): value = 12
        case UInt8(ascii: "n"): value = 10
        case UInt8(ascii: "r"): value = 13
        case UInt8(ascii: "t"): value = 9
        case UInt8(ascii: "v"): value = 11
        case Byte.backslash, Byte.quote, Byte.question: value = UInt32(escape)
        case UInt8(ascii: "x"): value = number(base: 16, most: 2, from: 0)
        case UInt8(ascii: "u"): value = number(base: 16, most: 4, from: 0)
        case UInt8(ascii: "U"): value = number(base: 16, most: 8, from: 0)
        case UInt8(ascii: "0")...UInt8(ascii: "7"):
            value = number(base: 8, most: 2, from: UInt32(escape - 0x30))
        default: throw fault(.syntax)
        }
        // A NUL ends the word in one shell, and bytes beyond ASCII depend on the locale.
        guard value > 0, value < 0x80 else { throw fault(.expansion) }
        word.append(UInt8(value))
    }

    private mutating func number(base: UInt32, most: Int, from start: UInt32) -> UInt32 {
        var value = start
        for _ in 0..<most {
            guard let byte = next, let digit = Character(Unicode.Scalar(byte)).hexDigitValue,
                digit < base
            else { break }
            value = value &* base &+ UInt32(digit)
            at += 1
        }
        return value
    }
}
