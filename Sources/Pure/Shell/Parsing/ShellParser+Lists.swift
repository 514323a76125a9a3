extension ShellParser {
    /// The end of a list of commands.
    enum ListEnd {
        /// The end of the text.
        case end
        /// `)`
        case paren
        /// One of these reserved words.
        case words([String])
        /// `;;`, `;&`, `;;&` or `esac`
        case item
    }

    /// The words that begin or end a group, where a command could begin.
    static let groupWords: Set<String> = [
        "!", "{", "}", "if", "then", "elif", "else", "fi", "while", "until", "for", "select", "do",
        "done", "case", "esac", "function", "time", "in", "coproc",
    ]

    /// Reads commands up to what ends the list, which is not consumed.
    mutating func parseList(until listEnd: ListEnd) throws(ShellFault) {
        while true {
            try skipLines()
            if isAt(listEnd) { return }
            guard next != nil else { throw fault(.incomplete) }
            try parseChain()
            try skipBlanks()
            switch next {
            case Byte.semicolon?:
                // `;;` and `;&` end an item of `case`.
                if let after = byte(after: 1), after == Byte.semicolon || after == Byte.and {
                    guard isAt(listEnd) else { throw fault(.syntax) }
                    return
                }
                at += 1
            case Byte.and?: at += 1
            case Byte.newline?: continue
            default:
                guard isAt(listEnd) else { throw fault(.syntax) }
                return
            }
        }
    }

    private func isAt(_ listEnd: ListEnd) -> Bool {
        switch listEnd {
        case .end: at == end
        case .paren: next == Byte.close
        case .words(let words): reservedWord().map(words.contains) ?? false
        case .item:
            reservedWord() == "esac"
                || next == Byte.semicolon
                    && (byte(after: 1) == Byte.semicolon || byte(after: 1) == Byte.and)
        }
    }

    /// Pipelines, joined by `&&` and `||`.
    private mutating func parseChain() throws(ShellFault) {
        while true {
            try parseCommand()
            try skipBlanks()
            switch (next, byte(after: 1)) {
            case (Byte.and?, Byte.and?), (Byte.pipe?, Byte.pipe?), (Byte.pipe?, Byte.and?): at += 2
            case (Byte.pipe?, _): at += 1
            default: return
            }
            try skipLines()
            guard next != nil else { throw fault(.incomplete) }
        }
    }

    /// Returns the reserved word at the current position, or nil. A quoted or continued word does not count.
    func reservedWord() -> String? {
        var length = 0
        while let byte = byte(after: length), !byte.endsWord {
            guard length < 8, byte.isReserved else { return nil }
            length += 1
        }
        guard length > 0 else { return nil }
        let word = String(decoding: bytes[at..<at + length], as: UTF8.self)
        return Self.groupWords.contains(word) ? word : nil
    }

    mutating func expect(_ words: String...) throws(ShellFault) -> String {
        guard let word = reservedWord(), words.contains(word) else {
            throw fault(next == nil ? .incomplete : .syntax)
        }
        at += word.utf8.count
        return word
    }
}

extension UInt8 {
    fileprivate var isReserved: Bool {
        (0x61...0x7a).contains(self) || self == Byte.bang || self == Byte.brace
            || self == Byte.closeBrace
    }
}
