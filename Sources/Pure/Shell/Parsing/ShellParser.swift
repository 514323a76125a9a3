/// Reads one text, byte by byte, and collects its simple commands.
///
/// Shells differ, and the text may be run by any of bash, dash and zsh. So what one of them could read in another way
/// is a part of the kind `arbitrary`, or ends parsing with a fault.
struct ShellParser {
    let bytes: [UInt8]
    /// The range in the outer text if this is a text within a text, or nil.
    let cover: Range<Int>?
    let parent: Int?
    var depth: Int
    var found: ShellFindings
    var at = 0
    /// The end of what is read now: of the text, or of the body of a here-document.
    var end: Int
    /// The here-documents whose bodies begin after the next line break.
    var pending: [PendingDocument] = []
    /// The number of surrounding substitutions on a line that has a here-document of its own.
    var held = 0

    struct PendingDocument {
        let index: Int
        let delimiter: [UInt8]
        let stripsTabs: Bool
        let isExpanded: Bool
    }

    init(
        _ bytes: [UInt8], cover: Range<Int>? = nil, parent: Int? = nil, depth: Int = 0,
        found: consuming ShellFindings = ShellFindings()
    ) {
        self.bytes = bytes
        self.cover = cover
        self.parent = parent
        self.depth = depth
        self.found = found
        end = bytes.count
    }

    /// Reads the whole text. A fault becomes a part that reaches to the end.
    mutating func run() {
        noteCharacters()
        do throws(ShellFault) {
            try parseList(until: .end)
            guard at == end, pending.isEmpty else { throw fault(.incomplete) }
        } catch {
            let start = min(error.offset, bytes.count)
            found.add(.arbitrary, error.reason, at: range(from: start, to: bytes.count))
            noteMentions()
        }
    }

    var next: UInt8? { at < end ? bytes[at] : nil }

    func byte(after count: Int) -> UInt8? { at + count < end ? bytes[at + count] : nil }

    func fault(_ reason: ShellReason) -> ShellFault { ShellFault(reason: reason, offset: at) }

    /// The range in the outermost text.
    func range(from start: Int, to end: Int? = nil) -> Range<Int> {
        cover ?? start..<max(start, end ?? at)
    }

    mutating func note(_ reason: ShellReason, from start: Int, to end: Int? = nil) {
        found.add(.arbitrary, reason, at: range(from: start, to: end))
    }

    /// Reads something that may contain itself.
    mutating func nested(
        _ read: (inout ShellParser) throws(ShellFault) -> Void
    ) throws(ShellFault) {
        guard depth < ShellLimits.depth else { throw fault(.tooDeep) }
        depth += 1
        try read(&self)
        depth -= 1
    }

    /// Reads a substitution, which has its own here-documents.
    mutating func substitution(
        _ read: (inout ShellParser) throws(ShellFault) -> Void
    ) throws(ShellFault) {
        let outer = pending
        held += outer.isEmpty ? 0 : 1
        pending = []
        try nested(read)
        guard pending.isEmpty else { throw fault(.incomplete) }
        pending = outer
        held -= outer.isEmpty ? 0 : 1
    }

    /// Reads a text within this one that was unquoted before.
    mutating func parse(_ text: [UInt8], from start: Int) throws(ShellFault) {
        guard depth < ShellLimits.depth else { throw fault(.tooDeep) }
        guard text.count <= found.nestedBytes else { throw fault(.tooLong) }
        found.nestedBytes -= text.count
        var inner = ShellParser(
            text, cover: range(from: start), parent: parent, depth: depth + 1)
        swap(&inner.found, &found)
        inner.run()
        swap(&inner.found, &found)
    }

    /// A line break that is no token: shells disagree where the body of a here-document begins then.
    func checkLineBreak() throws(ShellFault) {
        guard pending.isEmpty, held == 0 else { throw fault(.syntax) }
    }

    /// Skips blanks, continued lines and, at the start of a token, a comment.
    mutating func skipBlanks() throws(ShellFault) {
        while let byte = next {
            if byte.isBlank {
                at += 1
            } else if byte == Byte.backslash, self.byte(after: 1) == Byte.newline {
                try checkLineBreak()
                at += 2
            } else if byte == Byte.hash {
                skipComment()
            } else {
                return
            }
        }
    }

    private mutating func skipComment() {
        let start = at
        var hasOperators = false
        while let byte = next, byte != Byte.newline {
            switch byte {
            case Byte.semicolon, Byte.and, Byte.pipe, Byte.less, Byte.greater, Byte.backquote,
                Byte.dollar, Byte.apostrophe, Byte.quote, Byte.backslash:
                hasOperators = true
            default: break
            }
            at += 1
        }
        if hasOperators { note(.comment, from: start) }
    }

    /// Skips blanks, comments and line breaks, after which bodies of here-documents are read.
    mutating func skipLines() throws(ShellFault) {
        try skipBlanks()
        while next == Byte.newline {
            try takeLineBreak()
            try skipBlanks()
        }
    }

    mutating func takeLineBreak() throws(ShellFault) {
        guard held == 0 else { throw fault(.syntax) }
        at += 1
        try readDocuments()
    }

    /// Adds the command names among the words of a text that is not understood.
    private mutating func noteMentions() {
        var words: [String] = []
        for piece in bytes.split(whereSeparator: { !$0.isPartOfBareWord }) {
            words.append(String(decoding: piece, as: UTF8.self))
            if words.count == ShellLimits.suspects { break }
        }
        guard let mention = ProgramTable.mention(in: words[...]) else { return }
        found.add(
            mention.kind, .mentioned, mention.entry, at: range(from: 0, to: bytes.count))
    }
}

extension UInt8 {
    fileprivate var isPartOfBareWord: Bool {
        isName || self == Byte.minus || self == Byte.dot || self == Byte.colon || self == 0x2f
    }
}
