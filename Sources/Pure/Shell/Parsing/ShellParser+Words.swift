extension ShellParser {
    /// Returns true at `<(` and `>(`, which begin a word rather than a redirection.
    var isProcessSubstitution: Bool {
        (next == Byte.less || next == Byte.greater) && byte(after: 1) == Byte.open
    }

    /// Reads one word. Commands in it are collected on the way.
    mutating func parseWord(mayBeEmpty: Bool = false) throws(ShellFault) -> ShellWord {
        let start = at
        var word = WordBuilder()
        loop: while let byte = next {
            switch byte {
            case Byte.less, Byte.greater:
                guard isProcessSubstitution else { break loop }
                at += 1
                for byte in "/dev/fd/".utf8 { word.append(byte) }
                try parseCommands(&word, isQuoted: true)
            case _ where byte.endsWord: break loop
            case Byte.backslash: try parseBackslash(&word)
            case Byte.apostrophe: try parseSingleQuotes(&word)
            case Byte.quote: try parseDoubleQuotes(&word)
            case Byte.dollar: try parseDollar(&word, isQuoted: false)
            case Byte.backquote: try parseBackquotes(&word, isQuoted: false)
            default: parseBare(byte, &word)
            }
        }
        guard at > start || mayBeEmpty else { throw fault(next == nil ? .incomplete : .syntax) }
        return word.word(at: range(from: start))
    }

    private mutating func parseBare(_ byte: UInt8, _ word: inout WordBuilder) {
        switch byte {
        case Byte.star, Byte.question: word.expand(splits: word.isEmpty)
        case Byte.bracket: word.hasBracket = true
        case Byte.closeBracket where word.hasBracket: word.expand(splits: word.isEmpty)
        case Byte.brace: word.hasBrace = true
        case Byte.comma where word.hasBrace: word.expand(splits: true)
        case Byte.dot where word.hasBrace && word.last == Byte.dot: word.expand(splits: true)
        case Byte.tilde
        where word.isEmpty && !word.isQuoted || word.last == Byte.equals
            || word.last == Byte.colon:
            word.appendBare(byte)
            word.expand(splits: false)
            at += 1
            return
        case Byte.bang: noteHistory(&word)
        case 0xc0...: noteLookAlike()
        default: break
        }
        word.appendBare(byte)
        at += 1
    }

    /// Interactive shells replace `!!`, `!word` and the like by an earlier command.
    private mutating func noteHistory(_ word: inout WordBuilder) {
        guard let after = byte(after: 1) else { return }
        let isEvent =
            after.isName || after == Byte.bang || after == Byte.dollar || after == Byte.star
            || after == Byte.minus || after == Byte.question || after == Byte.hash
            || after == 0x5e || after == Byte.colon
        guard isEvent else { return }
        note(.history, from: at, to: at + 2)
        word.expand(splits: true)
    }

    private mutating func parseBackslash(_ word: inout WordBuilder) throws(ShellFault) {
        guard let escaped = byte(after: 1) else { throw fault(.incomplete) }
        if escaped == Byte.newline {
            try checkLineBreak()
        } else {
            word.isQuoted = true
            word.append(escaped)
        }
        at += 2
    }

    private mutating func parseSingleQuotes(_ word: inout WordBuilder) throws(ShellFault) {
        word.isQuoted = true
        at += 1
        while let byte = next {
            at += 1
            if byte == Byte.apostrophe { return }
            if byte == Byte.newline { try checkLineBreak() }
            word.append(byte)
        }
        throw fault(.incomplete)
    }

    private mutating func parseDoubleQuotes(_ word: inout WordBuilder) throws(ShellFault) {
        word.isQuoted = true
        at += 1
        while let byte = next {
            switch byte {
            case Byte.quote:
                at += 1
                return
            case Byte.backslash:
                guard let escaped = self.byte(after: 1) else { throw fault(.incomplete) }
                switch escaped {
                case Byte.dollar, Byte.backquote, Byte.quote, Byte.backslash: word.append(escaped)
                case Byte.newline: try checkLineBreak()
                default:
                    word.append(byte)
                    at -= 1
                }
                at += 2
            case Byte.dollar: try parseDollar(&word, isQuoted: true)
            case Byte.backquote: try parseBackquotes(&word, isQuoted: true)
            default:
                if byte == Byte.newline { try checkLineBreak() }
                if byte == Byte.bang { noteHistory(&word) }
                word.append(byte)
                at += 1
            }
        }
        throw fault(.incomplete)
    }
}
