import InterlockModel

/// A text in the form in which values are compared, split into tokens. Letters are in lower case; full-width forms and
/// mathematical letters are plain; hidden characters are removed; spaces, quotes and hyphens of typography are those
/// of ASCII. Other compatibility characters of NFKC (ligatures, superscripts) stay, and `ß` is not `ss`.
struct FoldedText {
    private(set) var bytes: [UInt8] = []
    private(set) var tokens: [Token] = []

    struct Token {
        let start: Int
        let end: Int
        let isURL: Bool
        /// True if one space separates it from the token before it.
        let followsSpace: Bool
        var range: Range<Int> { start..<end }
    }

    init(_ text: String) {
        bytes.reserveCapacity(text.utf8.count)
        for scalar in text.unicodeScalars { add(scalar) }
        split()
    }

    private mutating func add(_ scalar: Unicode.Scalar) {
        let value = scalar.value
        switch value {
        case 0x41...0x5a: bytes.append(UInt8(value) | 0x20)
        case 0...0x20, 0x7f: bytes.append(Self.space)
        case 0x21..<0x80: bytes.append(UInt8(value))
        // Signs of currencies separate, as a space does.
        case 0xa2...0xa5, 0x20a0...0x20cf: bytes.append(Self.space)
        case 0x2010...0x2015, 0x2212: bytes.append(UInt8(ascii: "-"))
        case 0x2019: bytes.append(UInt8(ascii: "'"))
        case 0x2018, 0x201a...0x201f, 0xab, 0xbb: bytes.append(UInt8(ascii: "\""))
        default:
            if scalar.isHidden { return }
            if scalar.properties.isWhitespace { return bytes.append(Self.space) }
            bytes.append(contentsOf: String(scalar.folded).utf8)
        }
    }

    static let space = UInt8(ascii: " ")

    /// Characters that belong to no token, not even to a URL.
    private static let hard = ByteSet(of: " \"<>`{}|")
    /// Characters that separate tokens other than URLs.
    private static let soft = ByteSet(of: ",;()[]=*?!&$%^\\")
    static let leading = ByteSet(of: "':@#~_/")
    private static let trailing = ByteSet(of: "'.:/-_~#@")
    private static let trailingInURL = ByteSet(of: "'.,:;!?*]-_~")

    private mutating func split() {
        var start = 0
        while start < bytes.count {
            guard !Self.hard.contains(bytes[start]) else {
                start += 1
                continue
            }
            var end = start
            while end < bytes.count, !Self.hard.contains(bytes[end]) { end += 1 }
            splitChunk(start, end)
            start = end
        }
    }

    private mutating func splitChunk(_ start: Int, _ end: Int) {
        var start = start
        while start < end {
            guard let scheme = schemeStart(start, end) else { return splitWords(start, end) }
            splitWords(start, scheme)
            let link = linkEnd(scheme, end)
            var last = link
            while last > scheme, Self.trailingInURL.contains(bytes[last - 1]) { last -= 1 }
            append(scheme, last, isURL: true)
            start = link + 1
        }
    }

    /// Returns the end of a URL: a parenthesis that it does not open, or that of the text of a link.
    private func linkEnd(_ start: Int, _ end: Int) -> Int {
        var depth = 0
        for index in start..<end {
            switch bytes[index] {
            case UInt8(ascii: "("):
                if bytes[index - 1] == UInt8(ascii: "]") { return index - 1 }
                depth += 1
            case UInt8(ascii: ")"):
                if depth == 0 { return index }
                depth -= 1
            default: break
            }
        }
        return end
    }

    /// Returns the start of the first scheme that `://` follows.
    private func schemeStart(_ start: Int, _ end: Int) -> Int? {
        var index = start + 1
        while index + 2 < end {
            if bytes[index] == UInt8(ascii: ":"), bytes[index + 1] == UInt8(ascii: "/"),
                bytes[index + 2] == UInt8(ascii: "/")
            {
                var first = index
                while first > start, isLetter(bytes[first - 1]) { first -= 1 }
                if first < index { return first }
            }
            index += 1
        }
        return nil
    }

    private mutating func splitWords(_ start: Int, _ end: Int) {
        var first = start
        while first < end {
            var last = first
            while last < end, !Self.soft.contains(bytes[last]) || isInNumber(last, first, end) {
                last += 1
            }
            trim(first, last)
            first = last + 1
        }
    }

    /// True for a comma between two digits.
    private func isInNumber(_ index: Int, _ start: Int, _ end: Int) -> Bool {
        bytes[index] == UInt8(ascii: ",") && index > start && index + 1 < end
            && isDigit(bytes[index - 1]) && isDigit(bytes[index + 1])
    }

    private mutating func trim(_ start: Int, _ end: Int) {
        var (start, end) = (start, end)
        // An absolute path keeps its first slash.
        while start < end, Self.leading.contains(bytes[start]),
            !(bytes[start] == UInt8(ascii: "/") && start + 1 < end)
        {
            start += 1
        }
        while end > start, Self.trailing.contains(bytes[end - 1]) { end -= 1 }
        guard (start..<end).contains(where: { isPart(bytes[$0]) }) else { return }
        append(start, end, isURL: false)
    }

    private mutating func append(_ start: Int, _ end: Int, isURL: Bool) {
        guard start < end else { return }
        let follows =
            tokens.last.map { $0.end + 1 == start && bytes[$0.end] == Self.space } ?? false
        tokens.append(Token(start: start, end: end, isURL: isURL, followsSpace: follows))
    }

    /// True for letters and digits; every character outside ASCII counts as a letter.
    private func isPart(_ byte: UInt8) -> Bool {
        isLetter(byte) || isDigit(byte) || byte >= 0x80
    }
}

extension ByteSet {
    /// The set of these ASCII characters.
    init(of characters: String) {
        self.init()
        for byte in characters.utf8 { insert(byte) }
    }
}
