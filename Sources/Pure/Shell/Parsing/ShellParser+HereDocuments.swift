extension ShellParser {
    /// `<<` was read.
    mutating func parseHereDocument(from start: Int) throws(ShellFault) -> ShellRedirection {
        let stripsTabs = next == Byte.minus
        if stripsTabs { at += 1 }
        try skipBlanks()
        let word = try parseWord()
        guard let delimiter = word.literal, !delimiter.isEmpty, !word.isANSI,
            delimiter.utf8.allSatisfy({ $0.isName || $0 == Byte.minus || $0 == Byte.dot })
        else { throw fault(.syntax) }
        let index = found.documents.count
        found.documents.append(nil)
        pending.append(
            PendingDocument(
                index: index, delimiter: Array(delimiter.utf8), stripsTabs: stripsTabs,
                isExpanded: !word.isQuoted))
        return ShellRedirection(
            action: .hereDocument, range: range(from: start), target: word, document: index)
    }

    /// Reads the bodies that begin here, at the start of a line.
    mutating func readDocuments() throws(ShellFault) {
        let documents = pending
        pending = []
        for document in documents { try read(document) }
    }

    private mutating func read(_ document: PendingDocument) throws(ShellFault) {
        let start = at
        while true {
            guard at < end else { throw fault(.incomplete) }
            var lineEnd = at
            while lineEnd < end, bytes[lineEnd] != Byte.newline { lineEnd += 1 }
            var line = bytes[at..<lineEnd]
            if document.stripsTabs { line = line.drop { $0 == Byte.tab } }
            if line.elementsEqual(document.delimiter) {
                let bodyEnd = at
                try read(body: start..<bodyEnd, of: document)
                at = min(lineEnd + 1, end)
                return
            }
            // Some shells end a body there within a substitution, and join a line that ends so with the next one.
            guard !line.starts(with: document.delimiter),
                !document.isExpanded || line.last != Byte.backslash
            else { throw fault(.syntax) }
            guard lineEnd < end else { throw fault(.incomplete) }
            at = lineEnd + 1
        }
    }

    private mutating func read(
        body: Range<Int>, of document: PendingDocument
    ) throws(ShellFault) {
        guard document.isExpanded else {
            found.documents[document.index] = String(decoding: bytes[body], as: UTF8.self)
            return
        }
        let outer = end
        var word = WordBuilder()
        end = body.upperBound
        at = body.lowerBound
        while let byte = next {
            switch byte {
            case Byte.backslash:
                if let escaped = self.byte(after: 1) {
                    let isEscape =
                        escaped == Byte.dollar || escaped == Byte.backquote
                        || escaped == Byte.backslash
                    word.append(isEscape ? escaped : byte)
                    if !isEscape { word.append(escaped) }
                }
                at = min(at + 2, end)
            case Byte.dollar: try parseDollar(&word, isQuoted: true)
            case Byte.backquote: try parseBackquotes(&word, isQuoted: true)
            default:
                word.append(byte)
                at += 1
            }
        }
        end = outer
        at = body.upperBound
        found.documents[document.index] = word.literal
    }
}
