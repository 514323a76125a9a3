extension ShellParser {
    mutating func parseSimpleCommand() throws(ShellFault) {
        let start = at
        var assignments: [ShellAssignment] = []
        var words: [ShellWord] = []
        var redirections: [ShellRedirection] = []
        var isSplit = false
        while true {
            let isAnd = next == Byte.and
            if let redirection = try parseRedirection() {
                redirections.append(redirection)
                if isAnd { isSplit = true }
                try countWord()
                try skipBlanks()
                continue
            }
            // Another command for a shell that reads `&>` as `&` and `>`.
            if isSplit, let byte = next, !byte.endsWord || isProcessSubstitution {
                throw fault(.syntax)
            }
            if words.isEmpty, let assignment = try parseAssignment() {
                assignments.append(assignment)
            } else if let byte = next, !byte.endsWord || isProcessSubstitution {
                let word = try parseWord()
                words.append(word)
                // One shell sets the variable to the number of the descriptor.
                if next == Byte.less || next == Byte.greater, word.literal?.hasSuffix("}") ?? false
                {
                    note(.variable, from: start)
                }
            } else {
                break
            }
            try countWord()
            try skipBlanks()
        }
        if next == Byte.open {
            guard words.count == 1, assignments.isEmpty, redirections.isEmpty else {
                throw fault(.syntax)
            }
            try parseEmptyParentheses()
            return try parseFunctionBody(from: start)
        }
        guard at > start else { throw fault(.syntax) }
        try add(assignments, words, redirections, from: start)
    }

    mutating func add(
        _ assignments: [ShellAssignment], _ words: [ShellWord], _ redirections: [ShellRedirection],
        from start: Int
    ) throws(ShellFault) {
        guard found.commands.count < ShellLimits.commands else { throw fault(.tooMany) }
        let parts = assignments.map(\.value.range) + words.map(\.range) + redirections.map(\.range)
        let last = parts.map(\.upperBound).max() ?? at
        found.commands.append(
            ShellCommand(
                range: cover ?? range(from: start, to: last), assignments: assignments,
                words: words, redirections: redirections, parent: parent, depth: depth))
    }

    mutating func countWord() throws(ShellFault) {
        found.words += 1
        guard max(found.words, found.parts.count) <= ShellLimits.parts else {
            throw fault(.tooMany)
        }
    }

    /// `NAME=value`, `NAME+=value` or `NAME=(…)`; returns nil if the next word is not one of them.
    private mutating func parseAssignment() throws(ShellFault) -> ShellAssignment? {
        guard next?.isNameStart == true else { return nil }
        let start = at
        var length = 1
        while byte(after: length)?.isName == true { length += 1 }
        let name = String(decoding: bytes[at..<at + length], as: UTF8.self)
        if byte(after: length) == Byte.plus { length += 1 }
        guard byte(after: length) == Byte.equals else { return nil }
        at += length + 1
        if next == Byte.open {
            try parseArray(from: start)
            return ShellAssignment(name: name, value: .unknown(at: range(from: start)))
        }
        return ShellAssignment(name: name, value: try parseWord(mayBeEmpty: true))
    }

    private mutating func parseArray(from start: Int) throws(ShellFault) {
        at += 1
        while true {
            try skipLines()
            guard let byte = next else { throw fault(.incomplete) }
            if byte == Byte.close { break }
            _ = try parseWord()
            try countWord()
        }
        at += 1
        note(.definition, from: start)
    }

    /// Reads a redirection with its target, or returns nil if there is none here.
    mutating func parseRedirection() throws(ShellFault) -> ShellRedirection? {
        let start = at
        var length = 0
        while byte(after: length)?.isDigit == true { length += 1 }
        if length == 0, next == Byte.and, byte(after: 1) == Byte.greater {
            at += byte(after: 2) == Byte.greater ? 3 : 2
            return try redirection(.output, from: start)
        }
        guard let sign = byte(after: length), sign == Byte.less || sign == Byte.greater,
            byte(after: length + 1) != Byte.open
        else { return nil }
        at += length + 1
        let second = next
        switch (sign, second) {
        case (Byte.less, Byte.less?):
            at += 1
            if next == Byte.less {
                at += 1
                return try redirection(.hereString, from: start)
            }
            return try parseHereDocument(from: start)
        case (Byte.less, Byte.greater?):
            at += 1
            return try redirection(.both, from: start)
        case (_, Byte.and?):
            at += 1
            return try redirection(
                .duplicate, or: sign == Byte.less ? .input : .output, from: start)
        case (Byte.greater, Byte.greater?), (Byte.greater, Byte.pipe?):
            at += 1
            return try redirection(.output, from: start)
        default: return try redirection(sign == Byte.less ? .input : .output, from: start)
        }
    }

    /// - Parameter other: the action if the target is no descriptor.
    private mutating func redirection(
        _ action: ShellRedirection.Action, or other: ShellRedirection.Action? = nil, from start: Int
    ) throws(ShellFault) -> ShellRedirection {
        try skipBlanks()
        let target = try parseWord()
        var action = action
        if let other, !(target.literal.map(Self.isDescriptor) ?? false) {
            action = other
            // One shell expands such a target a second time, without its quotes.
            let isPlain = target.literal?.utf8.allSatisfy { $0.isName || "-./".utf8.contains($0) }
            if isPlain != true { note(.expansion, from: start) }
        }
        return ShellRedirection(
            action: action, range: range(from: start), target: target, document: nil)
    }

    /// `2`, `2-` or `-`
    private static func isDescriptor(_ text: String) -> Bool {
        let digits = text.hasSuffix("-") ? text.dropLast() : text[...]
        return !text.isEmpty && digits.utf8.count <= 4 && digits.utf8.allSatisfy(\.isDigit)
    }
}
