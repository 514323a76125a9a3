/// The text of a private key behind its begin marker (RFC 7468, RFC 1421, RFC 9580, RFC 4716), as files, strings of code and
/// lists of lines have it. A marker alone is documentation, or code that reads keys (docs/decisions/0155-the-bars-of-the-search.md).
struct KeyMaterial {
    /// The bytes from the start of a marker in which its key begins: five headers have room.
    static let reach = 1024
    /// The fewest characters of base64 that are taken for a key.
    private static let shortest = 16
    /// The characters of a line of PEM. A part of a key with three dots behind it is no placeholder if it has as many.
    private static let lineLength = 64
    /// The fewest characters of a key that differ from one another.
    private static let leastDistinct = 8
    /// The most characters of the number of a line, and of a date with its hour.
    private static let longestNumber = 16
    /// The most lines of one short word, such as names of members, between a marker and its key.
    private static let mostNames = 8
    private static let headers = [
        "proc-type", "dek-info", "version", "comment", "hash", "charset", "messageid", "subject",
    ].map { Array($0.utf8) }

    private let text: [UInt8]
    private var place: Int
    /// The words of the current line. The line of the marker has one already: no other than a key or a header may follow.
    private var words = 1
    /// The lines that have one word alone.
    private var names = 0
    private var isBehindHeader = false
    private var isLineOfMarker = true

    /// Returns true if a key begins behind the marker at the start of a text.
    static func follows(markerOf text: [UInt8]) -> Bool {
        var material = KeyMaterial(text)
        return material?.isFound() ?? false
    }

    /// - Returns: nil if the text does not begin with a marker: dashes, a label, dashes.
    private init?(_ text: [UInt8]) {
        self.text = Array(text.prefix(Self.reach))
        let dash = UInt8(ascii: "-")
        guard self.text.first == dash,
            let label = self.text.firstIndex(where: { $0 != dash }),
            let close = self.text[label...].firstIndex(of: dash)
        else { return nil }
        place = self.text[close...].firstIndex { $0 != dash } ?? self.text.count
    }

    private mutating func isFound() -> Bool {
        while let byte = next {
            if byte == UInt8(ascii: "\n") || byte == UInt8(ascii: "\r") {
                place += 1
                guard endLine() else { return false }
            } else if byte == UInt8(ascii: "\\") {
                guard passEscape() else { return false }
            } else if byte == 0x1b {
                passControlSequence()
            } else if Self.isOfWord(byte) {
                // The marker is before the first word.
                let before = text[place - 1]
                let word = takeWord()
                // The next marker.
                guard !word.starts(with: "----".utf8) else { return false }
                // A key begins its line, if it is not behind a marker, a header or the path of its file.
                let isFirst = words == 0 || isLineOfMarker || isBehindHeader
                if isFirst || Self.isBehindPath(word, before), isKey(word) { return true }
                guard isName(word, behind: before) else { return false }
            } else {
                place += 1
            }
        }
        return false
    }

    private var next: UInt8? { place < text.count ? text[place] : nil }

    /// - Returns: false if there are too many lines that have a name alone.
    private mutating func endLine() -> Bool {
        names += words
        (words, isLineOfMarker) = (0, false)
        // The marker is one of them.
        return names <= Self.mostNames + 1
    }

    /// Passes a control sequence of a terminal (ECMA-48, section 5.4), which colors a line.
    private mutating func passControlSequence() {
        place += 1
        guard next == UInt8(ascii: "[") else { return }
        place += 1
        while let byte = next, 0x20...0x3f ~= byte { place += 1 }
        if next != nil { place += 1 }
    }

    /// Passes an escaped character. What ends a line in a string ends one here.
    private mutating func passEscape() -> Bool {
        while next == UInt8(ascii: "\\") { place += 1 }
        switch next {
        case UInt8(ascii: "n"), UInt8(ascii: "r"):
            place += 1
            return endLine()
        case UInt8(ascii: "t"): place += 1
        case UInt8(ascii: "u"):
            // The end of a line is the only character of an escape that is expected here.
            place = min(text.count, place + 5)
            return endLine()
        default: break
        }
        return true
    }

    /// Takes the characters of base64 and base64url that follow. JSON can have an escape before `/`.
    private mutating func takeWord() -> [UInt8] {
        var word: [UInt8] = []
        while let byte = next {
            if Self.isOfWord(byte) {
                word.append(byte)
            } else if byte != UInt8(ascii: "\\") || place + 1 >= text.count
                || text[place + 1] != UInt8(ascii: "/")
            {
                break
            }
            place += 1
        }
        return word
    }

    /// Returns true for the characters of a key: letters of both cases and digits, or the beginning of a sequence of DER.
    private func isKey(_ word: [UInt8]) -> Bool {
        // Signs of a difference, and of joined strings and forms of the web.
        let key = word.drop { $0 == UInt8(ascii: "+") || $0 == UInt8(ascii: "-") }
        guard key.count >= Self.shortest else { return false }
        let isElided = text[place...].starts(with: "...".utf8) || next == 0xe2
        guard key.count >= Self.lineLength || !isElided else { return false }
        let head = key.prefix(Self.lineLength)
        var isKnown = [Bool](repeating: false, count: 128)
        for byte in head { isKnown[Int(byte & 0x7f)] = true }
        let isSequence = head.first == UInt8(ascii: "M") && 0x43...0x49 ~= head[head.startIndex + 1]
        return isKnown.count(where: { $0 }) >= Self.leastDistinct
            && isKnown[0x41...0x5a].contains(true) && isKnown[0x61...0x7a].contains(true)
            && (isSequence || isKnown[0x30...0x39].contains(true))
    }

    /// Returns true for a whole line of a key as searches in files show it: `keys/a.pem:MII...`.
    private static func isBehindPath(_ word: [UInt8], _ before: UInt8) -> Bool {
        let isJoined = before == UInt8(ascii: ":") || before == UInt8(ascii: ".")
        return isJoined && word.count >= lineLength && !word.starts(with: "//".utf8)
    }

    /// Returns true for the number of a line, a time (RFC 3339), a tag and a character reference, which are no words of a
    /// line.
    private static func isBesideLine(_ word: [UInt8], _ before: UInt8) -> Bool {
        if before == UInt8(ascii: "<") || before == UInt8(ascii: "&") { return true }
        // `^M` is the end of a line that `cat -v` shows.
        if before == UInt8(ascii: "#") || before == UInt8(ascii: "^") { return true }
        return word.count <= longestNumber && word.contains { 0x30...0x39 ~= $0 }
            && word.allSatisfy { isOfTime($0) }
    }

    private static func isOfTime(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "+")
            || byte == UInt8(ascii: "T") || byte == UInt8(ascii: "Z")
    }

    /// Returns true if a key may follow a word that is no key: a header, what is in one, a name alone on its line, or what
    /// tools put before each line.
    private mutating func isName(_ word: [UInt8], behind before: UInt8) -> Bool {
        if isBehindHeader { return true }
        let isSign = !word.contains { Self.isAlphanumeric($0) }
        if isSign { return true }
        let lower = word.map { 0x41...0x5a ~= $0 ? $0 | 0x20 : $0 }
        if next == UInt8(ascii: ":"), Self.headers.contains(where: { lower.hasSuffix($0) }) {
            isBehindHeader = true
            return true
        }
        if Self.isBesideLine(word, before) { return true }
        // The next part of a path.
        if before == UInt8(ascii: "."), !word.starts(with: "//".utf8) { return words <= 1 }
        words += 1
        return words == 1 && word.count <= Self.lineLength
    }

    private static func isOfWord(_ byte: UInt8) -> Bool {
        isAlphanumeric(byte) || byte == UInt8(ascii: "+") || byte == UInt8(ascii: "/")
            || byte == UInt8(ascii: "-") || byte == UInt8(ascii: "_")
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        0x30...0x39 ~= byte || 0x41...0x5a ~= byte || 0x61...0x7a ~= byte
    }
}

extension [UInt8] {
    /// Returns true if the bytes end with those of another array.
    fileprivate func hasSuffix(_ end: [UInt8]) -> Bool { suffix(end.count).elementsEqual(end) }
}
