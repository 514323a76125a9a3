extension ShellParser {
    /// Reads what `$` begins.
    mutating func parseDollar(
        _ word: inout WordBuilder, isQuoted: Bool
    ) throws(ShellFault) {
        let start = at
        at += 1
        switch next {
        case Byte.open?:
            if try !parseArithmetic(&word, from: start) {
                try parseCommands(&word, isQuoted: isQuoted)
            }
        case Byte.brace?: try parseParameter(&word, isQuoted: isQuoted)
        case Byte.apostrophe? where !isQuoted: try parseANSI(&word)
        case Byte.quote? where !isQuoted:
            // The translation of what follows.
            note(.expansion, from: start)
            word.expand(splits: true)
        case Byte.bracket?: throw fault(.arithmetic)
        case Byte.backslash? where byte(after: 1) == Byte.newline: throw fault(.syntax)
        case let byte? where byte.isNameStart:
            while next?.isName == true { at += 1 }
            word.expand(splits: !isQuoted)
            // One shell reads a subscript here, which it evaluates.
            if next == Byte.bracket { note(.expansion, from: start) }
        case let byte? where byte.isDigit || Self.special.contains(byte):
            at += 1
            word.expand(splits: !isQuoted || byte == 0x40)
            if next == Byte.bracket { note(.expansion, from: start) }
        case let byte? where Self.flags.contains(byte):
            note(.expansion, from: start)
            word.expand(splits: true)
            word.append(Byte.dollar)
        default: word.append(Byte.dollar)
        }
    }

    /// `$?`, `$$`, `$!`, `$#`, `$@`, `$*` and `$-`
    private static let special = Set("?$!#@*-".utf8)
    /// The characters that one shell reads between `$` and a name.
    private static let flags = Set("+=^~:".utf8)

    /// Reads `(…)` after `$`, `<` or `>`.
    mutating func parseCommands(_ word: inout WordBuilder, isQuoted: Bool) throws(ShellFault) {
        at += 1
        try substitution { (parser) throws(ShellFault) in try parser.parseToParenthesis() }
        word.expand(splits: !isQuoted)
    }

    /// Reads `$((…))` with numbers only and returns true, or returns false for anything else in it, which is read as
    /// commands: a variable can hold a subscript that runs one.
    private mutating func parseArithmetic(
        _ word: inout WordBuilder, from start: Int
    ) throws(ShellFault) -> Bool {
        guard byte(after: 1) == Byte.open else { return false }
        var length = 2
        var open = 0
        while let byte = byte(after: length), Self.arithmetic.contains(byte) {
            if byte == Byte.open { open += 1 }
            if byte == Byte.close {
                if open == 0 { break }
                open -= 1
            }
            length += 1
        }
        guard open == 0, byte(after: length) == Byte.close, byte(after: length + 1) == Byte.close
        else {
            note(.arithmetic, from: start, to: at + 2)
            return false
        }
        at += length + 2
        word.expand(splits: false)
        return true
    }

    private static let arithmetic = Set("0123456789 +-*/%()".utf8)

    /// Reads `${…}`. A name with a plain word is understood; anything else is noted, and searched for commands.
    private mutating func parseParameter(
        _ word: inout WordBuilder, isQuoted: Bool
    ) throws(ShellFault) {
        let start = at - 1
        at += 1
        let body = at
        var isAfterName = false
        if next == Byte.hash { at += 1 }
        while let byte = next, byte.isName {
            isAfterName = true
            at += 1
        }
        if isAfterName, bytes[body] != Byte.hash {
            // `${name:1}` evaluates arithmetic.
            if next == Byte.colon, byte(after: 1) == Byte.minus || byte(after: 1) == Byte.plus {
                at += 1
            }
            while let byte = next, Self.operators.contains(byte) { at += 1 }
            while let byte = next, byte.isName || Self.plain.contains(byte) { at += 1 }
        }
        word.expand(splits: !isQuoted)
        if isAfterName, next == Byte.closeBrace {
            at += 1
            return
        }
        note(.expansion, from: start)
        at = body
        try nested { (parser) throws(ShellFault) in try parser.skipParameter() }
    }

    /// The operators that neither assign nor evaluate.
    private static let operators = Set("-+#%".utf8)
    private static let plain = Set("./*_".utf8)

    /// Reads to the end of `${…}`, and the commands in it.
    private mutating func skipParameter() throws(ShellFault) {
        var ignored = WordBuilder()
        while let byte = next {
            switch byte {
            case Byte.closeBrace:
                at += 1
                return
            case Byte.backslash:
                guard self.byte(after: 1) != nil else { throw fault(.incomplete) }
                at += 2
            case Byte.dollar: try parseDollar(&ignored, isQuoted: true)
            case Byte.backquote: try parseBackquotes(&ignored, isQuoted: true)
            // Shells disagree what quotes mean here.
            case Byte.apostrophe, Byte.quote, Byte.newline: throw fault(.expansion)
            default: at += 1
            }
        }
        throw fault(.incomplete)
    }

    /// Reads a command in backquotes: it is unquoted once, and then a text of its own.
    mutating func parseBackquotes(_ word: inout WordBuilder, isQuoted: Bool) throws(ShellFault) {
        let start = at
        at += 1
        var text: [UInt8] = []
        while let byte = next {
            at += 1
            switch byte {
            case Byte.backquote:
                try parse(text, from: start)
                word.expand(splits: !isQuoted)
                return
            case Byte.backslash:
                guard let escaped = next else { throw fault(.incomplete) }
                at += 1
                switch escaped {
                case Byte.backquote, Byte.backslash, Byte.dollar: text.append(escaped)
                default: text += [byte, escaped]
                }
                if escaped == Byte.newline { try checkLineBreak() }
            case Byte.quote where isQuoted:
                // Shells disagree whether it ends the outer quotes.
                throw fault(.syntax)
            default:
                if byte == Byte.newline { try checkLineBreak() }
                text.append(byte)
            }
        }
        throw fault(.incomplete)
    }
}
