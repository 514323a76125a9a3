extension ShellParser {
    mutating func parseCommand() throws(ShellFault) {
        if next == Byte.open { return try parseSubshell() }
        guard let word = reservedWord() else { return try parseSimpleCommand() }
        let start = at
        at += word.utf8.count
        switch word {
        case "!", "time":
            try skipBlanks()
            if word == "time", startsWord("-p") { at += 2 }
            try skipBlanks()
            try nested { (parser) throws(ShellFault) in try parser.parseCommand() }
        case "{":
            try nested { (parser) throws(ShellFault) in
                try parser.parseList(until: .words(["}"]))
                _ = try parser.expect("}")
            }
            try parseGroupRedirections(from: start)
        case "if":
            try nested { (parser) throws(ShellFault) in try parser.parseIf() }
            try parseGroupRedirections(from: start)
        case "while", "until":
            try nested { (parser) throws(ShellFault) in
                try parser.parseList(until: .words(["do"]))
                try parser.parseLoopBody()
            }
            try parseGroupRedirections(from: start)
        case "for", "select":
            try nested { (parser) throws(ShellFault) in try parser.parseFor() }
            try parseGroupRedirections(from: start)
        case "case":
            try nested { (parser) throws(ShellFault) in try parser.parseCase() }
            try parseGroupRedirections(from: start)
        case "function":
            try skipBlanks()
            _ = try parseWord()
            try skipBlanks()
            if next == Byte.open { try parseEmptyParentheses() }
            try parseFunctionBody(from: start)
        default:
            at = start
            throw fault(.syntax)
        }
    }

    /// `name()` was read: a function could have the name of any program from here on.
    mutating func parseFunctionBody(from start: Int) throws(ShellFault) {
        note(.definition, from: start)
        try skipLines()
        guard next != nil else { throw fault(.incomplete) }
        try nested { (parser) throws(ShellFault) in try parser.parseCommand() }
    }

    mutating func parseEmptyParentheses() throws(ShellFault) {
        at += 1
        try skipBlanks()
        guard next == Byte.close else { throw fault(.syntax) }
        at += 1
    }

    private mutating func parseSubshell() throws(ShellFault) {
        let start = at
        // Some shells read `((` as arithmetic, and others as two subshells.
        if byte(after: 1) == Byte.open { note(.arithmetic, from: at, to: at + 2) }
        at += 1
        try nested { (parser) throws(ShellFault) in try parser.parseToParenthesis() }
        try parseGroupRedirections(from: start)
    }

    /// Reads commands up to `)`, and past it.
    mutating func parseToParenthesis() throws(ShellFault) {
        try parseList(until: .paren)
        guard next == Byte.close else { throw fault(.incomplete) }
        at += 1
    }

    private mutating func parseIf() throws(ShellFault) {
        try parseList(until: .words(["then"]))
        _ = try expect("then")
        while true {
            try parseList(until: .words(["elif", "else", "fi"]))
            switch try expect("elif", "else", "fi") {
            case "elif":
                try parseList(until: .words(["then"]))
                _ = try expect("then")
            case "else":
                try parseList(until: .words(["fi"]))
                _ = try expect("fi")
                return
            default: return
            }
        }
    }

    private mutating func parseLoopBody() throws(ShellFault) {
        _ = try expect("do")
        try parseList(until: .words(["done"]))
        _ = try expect("done")
    }

    private mutating func parseFor() throws(ShellFault) {
        try skipBlanks()
        let start = at
        guard next != Byte.open else { throw fault(.arithmetic) }
        let variable = try parseWord()
        if !(variable.literal.map(ShellVariables.isPlain) ?? false) { note(.variable, from: start) }
        try skipLines()
        if reservedWord() == "in" {
            _ = try expect("in")
            try skipBlanks()
            while let byte = next, byte != Byte.semicolon, byte != Byte.newline {
                _ = try parseWord()
                try skipBlanks()
            }
        }
        if next == Byte.semicolon { at += 1 }
        try skipLines()
        try parseLoopBody()
    }

    private mutating func parseCase() throws(ShellFault) {
        try skipBlanks()
        _ = try parseWord()
        try skipLines()
        _ = try expect("in")
        while true {
            try skipLines()
            if reservedWord() == "esac" {
                _ = try expect("esac")
                return
            }
            if next == Byte.open { at += 1 }
            while true {
                try skipBlanks()
                _ = try parseWord()
                try skipBlanks()
                guard next == Byte.pipe else { break }
                at += 1
            }
            guard next == Byte.close else { throw fault(next == nil ? .incomplete : .syntax) }
            at += 1
            try parseList(until: .item)
            guard next == Byte.semicolon else { continue }
            at += 2
            if next == Byte.and { at += 1 }
        }
    }

    /// The redirections of a group, as a command without words.
    private mutating func parseGroupRedirections(from start: Int) throws(ShellFault) {
        var redirections: [ShellRedirection] = []
        try skipBlanks()
        while let redirection = try parseRedirection() {
            redirections.append(redirection)
            try skipBlanks()
        }
        guard !redirections.isEmpty else { return }
        try add([], [], redirections, from: start)
    }

    private func startsWord(_ text: String) -> Bool {
        let end = at + text.utf8.count
        guard end < self.end, bytes[end].endsWord else { return false }
        return bytes[at..<end].elementsEqual(text.utf8)
    }
}
