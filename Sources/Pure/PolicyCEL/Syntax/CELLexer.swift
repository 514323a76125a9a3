/// Splits CEL text into tokens, one at a time. Each byte is examined a bounded number of times.
package struct CELLexer {
    let bytes: [UInt8]
    /// The index of the next byte.
    package private(set) var position = 0
    /// The number of code points before `position`.
    private(set) var offset = 0

    package init(_ text: String) { bytes = Array(text.utf8) }

    package mutating func next() throws(CELProblem) -> CELToken {
        let endOfLast = offset
        skipBlanks()
        let start = offset
        // The end is reported where the text ends for a reader, before white space and comments.
        guard let byte = peek() else { return CELToken(kind: .end, offset: endOfLast) }
        return CELToken(kind: try kind(startingWith: byte), offset: start)
    }

    private mutating func kind(startingWith byte: UInt8) throws(CELProblem) -> CELToken.Kind {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "'"):
            return .literal(try string(isRaw: false, isBytes: false))
        case UInt8(ascii: "`"): return .quotedField(try quotedField())
        case UInt8(ascii: "0")...UInt8(ascii: "9"): return try number()
        case UInt8(ascii: ".") where isDigit(peek(1)): return try number()
        case _ where isNameStart(byte): return try stringWithPrefix() ?? word()
        default: return .symbol(try symbol())
        }
    }

    // MARK: Bytes

    func peek(_ ahead: Int = 0) -> UInt8? {
        position + ahead < bytes.count ? bytes[position + ahead] : nil
    }

    mutating func advance(_ count: Int = 1) {
        for byte in bytes[position..<(position + count)] where byte & 0xc0 != 0x80 { offset += 1 }
        position += count
    }

    mutating func rewind(to position: Int, offset: Int) {
        self.position = position
        self.offset = offset
    }

    mutating func take(_ character: Unicode.Scalar) -> Bool {
        guard peek() == UInt8(ascii: character) else { return false }
        advance()
        return true
    }

    func text(from start: Int) -> String {
        String(decoding: bytes[start..<position], as: UTF8.self)
    }

    func syntax(_ message: String, at place: Int? = nil, help: String? = nil) -> CELProblem {
        CELProblem(.syntax, at: place ?? offset, message, help: help)
    }

    // MARK: Blanks, words, symbols

    /// Skips space, tab, line feed, form feed, carriage return, and `//` up to the end of its line.
    private mutating func skipBlanks() {
        while let byte = peek() {
            switch byte {
            case 0x20, 0x09, 0x0a, 0x0c, 0x0d: advance()
            case UInt8(ascii: "/") where peek(1) == UInt8(ascii: "/"):
                while let byte = peek(), byte != 0x0a { advance() }
            default: return
            }
        }
    }

    private mutating func word() -> CELToken.Kind {
        let start = position
        while let byte = peek(), isNameStart(byte) || isDigit(byte) { advance() }
        switch text(from: start) {
        case "true": return .literal(.bool(true))
        case "false": return .literal(.bool(false))
        case "null": return .literal(.null)
        case "in": return .symbol(.in)
        case let name: return .identifier(name)
        }
    }

    /// Reads a string literal with the prefix `b`, `r` or `br` (either case), or returns nil if there is no
    /// such prefix before a quote.
    private mutating func stringWithPrefix() throws(CELProblem) -> CELToken.Kind? {
        var length = 0
        let isBytes = isLetter(peek(), "b")
        if isBytes { length += 1 }
        let isRaw = isLetter(peek(length), "r")
        if isRaw { length += 1 }
        guard length > 0, let quote = peek(length),
            quote == UInt8(ascii: "'") || quote == UInt8(ascii: "\"")
        else { return nil }
        advance(length)
        return .literal(try string(isRaw: isRaw, isBytes: isBytes))
    }

    /// Reads letters, digits, `_`, `.`, `-`, `/` and space between backquotes (cel-spec, `ESC_IDENTIFIER`).
    private mutating func quotedField() throws(CELProblem) -> String {
        let quote = offset
        advance()
        let start = position
        while let byte = peek(), isNameStart(byte) || isDigit(byte) || ".-/ ".utf8.contains(byte) {
            advance()
        }
        let name = text(from: start)
        guard !name.isEmpty, take("`") else {
            throw syntax(
                "the name between backquotes is empty, open or has a character it cannot have",
                at: quote)
        }
        return name
    }

    private mutating func symbol() throws(CELProblem) -> CELSymbol {
        for length in [2, 1] where position + length <= bytes.count {
            let text = String(decoding: bytes[position..<(position + length)], as: UTF8.self)
            if let symbol = CELSymbol(rawValue: text) {
                advance(length)
                return symbol
            }
        }
        switch peek() {
        case UInt8(ascii: "="): throw syntax("`=` is no operator", help: "comparison is `==`")
        case UInt8(ascii: "&"): throw syntax("`&` is no operator", help: "and is `&&`")
        case UInt8(ascii: "|"): throw syntax("`|` is no operator", help: "or is `||`")
        case let byte? where (0x21...0x7e).contains(byte):
            throw syntax("`\(Character(Unicode.Scalar(byte)))` cannot stand here")
        default: throw syntax("a character that cannot stand outside strings")
        }
    }
}

func isDigit(_ byte: UInt8?) -> Bool {
    byte.map { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) } ?? false
}

private func isNameStart(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "_"):
        true
    default: false
    }
}

private func isLetter(_ byte: UInt8?, _ lowercase: Unicode.Scalar) -> Bool {
    byte.map { $0 | 0x20 == UInt8(ascii: lowercase) } ?? false
}
