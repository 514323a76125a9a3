import InterlockModel

/// The typed, normalised values of a text, as hashes.
struct TextValues {
    let text: FoldedText
    private let hasher: ValueHasher
    /// The hash of each token as a word.
    let words: [UInt64]

    /// The most tokens of a phrase.
    static let longestPhrase = 4

    init(_ string: String, _ hasher: ValueHasher) {
        let text = FoldedText(string)
        self.text = text
        self.hasher = hasher
        words = text.tokens.map { token in
            if let path = Self.path(text.bytes[token.range]) { return hasher.hash(.word, path) }
            return hasher.hash(.word, text.bytes.span.extracting(token.range))
        }
    }

    var count: Int { words.count }

    typealias Visitor = (ValueKind, UInt64) -> Void

    /// Passes the hash of the phrase of so many tokens from one on.
    func phrase(from start: Int, tokens: Int) -> UInt64 {
        var hash = words[start]
        for next in 1..<max(1, tokens) { hash = hasher.phrase(hash, words[start + next]) }
        return hash
    }

    /// Passes the typed values that a token as a whole is, apart from the word.
    func typed(_ token: Int, _ visit: Visitor) { typed(text.tokens[token].range, visit) }

    private func typed(_ range: Range<Int>, _ visit: Visitor) {
        let bytes = text.bytes
        let numbers = NumberReadings(bytes.span.extracting(range))
        if let number = numbers.first { visit(.number, hasher.hash(.number, number)) }
        if let number = numbers.second { visit(.number, hasher.hash(.number, number)) }
        if DateReadings.time(bytes[range]) == nil {
            for date in DateReadings.dates(bytes[range]) { visit(.date, hash(date)) }
        }
        if let email = AddressParts.email(bytes, range) {
            let prefix = bytes[range.lowerBound..<email.lowerBound]
            if email.upperBound == range.upperBound,
                prefix.isEmpty || prefix.elementsEqual("mailto:".utf8)
            {
                visit(.email, hash(.email, email))
            }
        } else if AddressParts.isHost(bytes, range) {
            visit(.host, hash(.host, range))
        }
    }

    /// Passes the day and the time of a token that has both: `2026-12-05T14:00:00Z`.
    func moment(_ token: Int, _ visit: Visitor) { moment(text.tokens[token].range, visit) }

    private func moment(_ range: Range<Int>, _ visit: Visitor) {
        let bytes = text.bytes[range]
        guard let time = DateReadings.time(bytes) else { return }
        for date in DateReadings.dates(bytes) { visit(.date, hash(date)) }
        visit(.word, hasher.hash(.word, time))
    }

    /// Passes the values that the text as a whole is, if they may have spaces: a phone number, the number of an
    /// account, a number in groups, a date in words.
    func whole(_ visit: Visitor) {
        guard let first = text.tokens.first, let last = text.tokens.last else { return }
        if let phone = Self.phone(text.bytes[first.start..<last.end]) {
            visit(.phone, hasher.hash(.phone, phone))
        }
        var joined: [UInt8] = []
        for token in text.tokens.prefix(Self.mostParts) { joined += text.bytes[token.range] }
        if count <= Self.mostParts, Self.isAccount(joined) {
            visit(.account, hasher.hash(.account, joined))
        }
        if count > 1, let number = grouped(from: 0), number.end == count {
            visit(.number, hasher.hash(.number, number.digits))
        }
        if (2...Self.longestPhrase).contains(count) {
            DateReadings(reference: nil).expressions(slices(from: 0)) { visit(.date, hash($0)) }
        }
    }

    /// The most tokens of a number with spaces.
    private static let mostParts = 10

    /// Passes the parts of a token that is a URL.
    func parts(ofURL token: Int, _ visit: (ValueKind, UInt64, Range<Int>?) -> Void) {
        let url = URLParts(text.bytes, text.tokens[token].range)
        visit(.host, hash(.host, url.host), url.host)
        if let scheme = url.scheme { visit(.word, hash(.word, scheme), nil) }
        if let user = url.user { visit(.word, hash(.word, user), nil) }
        if let path = url.path { visit(.path, hasher.hash(.path, path), nil) }
        if let query = url.query { visit(.query, hasher.hash(.query, query), nil) }
    }

    /// Passes every value in the text.
    ///
    /// - Parameters:
    ///   - date: the day against which relative dates are resolved, or nil for none.
    ///   - isWide: true to pass also the parts of tokens, by which an untrusted value is recognised in another form.
    ///   - isSkipped: returns true for a value that is not passed, nor anything that has it in it.
    func each(
        on date: CivilDate?, isWide: Bool, unless isSkipped: (UInt64) -> Bool,
        _ visit: (UInt64) -> Void
    ) {
        var fresh = 0
        for token in words.indices {
            var hashes: [UInt64] = []
            gather(token, isWide: isWide) { hashes.append($1) }
            guard !isSkipped(words[token]), !hashes.contains(where: isSkipped) else {
                fresh = token + 1
                continue
            }
            visit(words[token])
            for hash in hashes { visit(hash) }
            // The phrases that end here.
            for length in 2..<Self.longestPhrase + 1 where token - length + 1 >= fresh {
                visit(phrase(from: token - length + 1, tokens: length))
            }
            runs(from: token, date) { if !isSkipped($1) { visit($1) } }
        }
    }

    func each(on date: CivilDate?, isWide: Bool, _ visit: (UInt64) -> Void) {
        each(on: date, isWide: isWide, unless: { _ in false }, visit)
    }

    private func gather(_ token: Int, isWide: Bool, _ visit: Visitor) {
        let range = text.tokens[token].range
        guard !text.tokens[token].isURL else {
            return parts(ofURL: token) { kind, hash, _ in visit(kind, hash) }
        }
        typed(range, visit)
        moment(range, visit)
        let bytes = text.bytes
        if let email = AddressParts.email(bytes, range), email != range {
            visit(.email, hash(.email, email))
        }
        if bytes[range].suffix(2).elementsEqual("'s".utf8) {
            visit(.word, hash(.word, range.lowerBound..<range.upperBound - 2))
        }
        let isNumber = NumberReadings(bytes.span.extracting(range)).first != nil
        if !isNumber, bytes[range].contains(UInt8(ascii: ",")) {
            eachPart(of: range, Self.comma, visit)
        }
        if isWide { eachPart(of: range, Self.joints, visit) }
    }

    private static let comma = ByteSet(of: ",")
    private static let mostRests = 8
    private static let joints = ByteSet(of: "/:@#_")

    /// Passes the parts of a token that is not known as a whole.
    func eachPart(of token: Int, _ visit: Visitor) {
        eachPart(of: text.tokens[token].range, Self.joints, visit)
    }

    private func eachPart(of range: Range<Int>, _ joints: ByteSet, _ visit: Visitor) {
        var start = range.lowerBound
        var rests = 0
        while start < range.upperBound {
            var end = start
            while end < range.upperBound, !joints.contains(text.bytes[end]) { end += 1 }
            if start < end, end - start < range.count {
                visit(.word, hash(.word, start..<end))
                typed(start..<end, visit)
            }
            // The rest after a prefix such as `to:`; a bounded number, since each is hashed as a whole.
            if start > range.lowerBound, end < range.upperBound, rests < Self.mostRests {
                rests += 1
                visit(.word, hash(.word, start..<range.upperBound))
                typed(start..<range.upperBound, visit)
                moment(start..<range.upperBound, visit)
            }
            start = end + 1
        }
    }

    /// Passes the values of several tokens that begin with one.
    private func runs(from token: Int, _ date: CivilDate?, _ visit: Visitor) {
        let bytes = text.bytes
        let first = bytes[text.tokens[token].start]
        if isDigit(first) || first == UInt8(ascii: "+") {
            if let phone = longestPhone(from: token) {
                visit(.phone, hasher.hash(.phone, phone.digits))
            }
            if let number = grouped(from: token), number.end > token + 1 {
                visit(.number, hasher.hash(.number, number.digits))
            }
        } else if text.tokens[token].range.count >= 4, isLetter(first) {
            accounts(from: token) { hash, _ in visit(.account, hash) }
        }
        guard DateReadings.mayBegin(bytes[text.tokens[token].range]) else { return }
        DateReadings(reference: date).expressions(slices(from: token)) { visit(.date, hash($0)) }
    }

    /// Returns the phone number or the numbers of accounts that begin with a token, each with the index after its last
    /// token.
    func numbers(from token: Int) -> [(hash: UInt64, end: Int)] {
        let range = text.tokens[token].range
        let first = text.bytes[range.lowerBound]
        var found: [(hash: UInt64, end: Int)] = []
        if isDigit(first) || first == UInt8(ascii: "+") {
            if let phone = longestPhone(from: token) {
                found.append((hasher.hash(.phone, phone.digits), phone.end))
            }
        } else if range.count >= 4, isLetter(first) {
            accounts(from: token) { hash, end in found.append((hash, end)) }
        }
        return found
    }

    /// Returns the longest phone number that begins with a token, and the index after its last token.
    private func longestPhone(from token: Int) -> (digits: [UInt8], end: Int)? {
        var end = token
        var found: (digits: [UInt8], end: Int)?
        while end < count, end - token < Self.mostParts, end == token || isNear(end),
            let longer = Self.phone(text.bytes[text.tokens[token].start..<text.tokens[end].end])
                ?? (end - token < 4 ? [] : nil)
        {
            end += 1
            if !longer.isEmpty { found = (longer, end) }
        }
        return found
    }

    /// Passes the hash of each number of an account that begins with a token, and the index after its last token.
    private func accounts(from token: Int, _ visit: (UInt64, Int) -> Void) {
        let range = text.tokens[token].range
        guard isDigit(text.bytes[range.lowerBound + 2]), isDigit(text.bytes[range.lowerBound + 3])
        else { return }
        var joined: [UInt8] = []
        for next in token..<min(count, token + Self.mostParts) {
            guard next == token || isNear(next) else { return }
            joined += text.bytes[text.tokens[next].range]
            if Self.isAccount(joined) { visit(hasher.hash(.account, joined), next + 1) }
            if joined.count > 34 { return }
        }
    }

    /// True if at most two characters separate the token from the one before it.
    private func isNear(_ token: Int) -> Bool {
        text.tokens[token].start - text.tokens[token - 1].end <= 2
    }

    /// Returns a number whose groups of three digits are separated by spaces: `1 200,50`.
    private func grouped(from start: Int) -> (digits: [UInt8], end: Int)? {
        guard text.tokens[start].range.count <= 4 else { return nil }
        var joined = Array(text.bytes[text.tokens[start].range])
        guard joined.allSatisfy({ isDigit($0) || $0 == UInt8(ascii: "-") }) else { return nil }
        var end = start + 1
        while end < count, text.tokens[end].followsSpace, end - start < Self.mostParts {
            let part = text.bytes[text.tokens[end].range]
            guard part.count >= 3, part.prefix(3).allSatisfy({ isDigit($0) }) else { break }
            joined += part
            end += 1
            guard part.count == 3 else { break }
        }
        guard let digits = NumberReadings(joined.span).first else { return nil }
        return (digits, end)
    }

    /// Returns the number of several groups that begins with a token, and the index after its last token, unless it has
    /// fewer digits.
    func groups(from token: Int, leastDigits: Int) -> (hash: UInt64, end: Int)? {
        guard let number = grouped(from: token), number.end > token + 1,
            number.digits.count(where: { isDigit($0) }) >= leastDigits
        else { return nil }
        return (hasher.hash(.number, number.digits), number.end)
    }

    private func slices(from start: Int) -> [ArraySlice<UInt8>] {
        (start..<min(count, start + Self.longestPhrase)).map { text.bytes[text.tokens[$0].range] }
    }

    private func hash(_ kind: ValueKind, _ range: Range<Int>) -> UInt64 {
        hasher.hash(kind, text.bytes.span.extracting(range))
    }

    private func hash(_ date: CivilDate) -> UInt64 { hasher.hash(.date, Array(date.text.utf8)) }

    /// Returns the path of a file without empty and dot segments, or nil for another token.
    private static func path(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        let slash = UInt8(ascii: "/")
        guard bytes.contains(slash), !bytes.contains(UInt8(ascii: ":")) else { return nil }
        let parts = bytes.split(separator: slash).filter { !$0.elementsEqual(".".utf8) }
        let head = bytes.first == slash ? [slash] : []
        return head + parts.joined(separator: CollectionOfOne(slash))
    }

    /// Returns the digits of a phone number without its prefix for calls abroad, or nil if it is not one.
    private static func phone(_ bytes: ArraySlice<UInt8>) -> [UInt8]? {
        guard let first = bytes.first, first == UInt8(ascii: "+") || isDigit(first) else {
            return nil
        }
        var digits: [UInt8] = []
        for byte in bytes {
            if isDigit(byte) {
                digits.append(byte)
            } else if !" +-.()/".utf8.contains(byte) {
                return nil
            }
        }
        if digits.starts(with: "00".utf8) { digits.removeFirst(2) }
        return (7...15).contains(digits.count) ? digits : nil
    }

    /// True for two letters, and digits and letters with the check digits of ISO 13616.
    private static func isAccount(_ text: [UInt8]) -> Bool {
        guard (15...34).contains(text.count), isLetter(text[0]), isLetter(text[1]),
            isDigit(text[2]), isDigit(text[3])
        else { return false }
        var rest = 0
        for byte in text[4...] + text[..<4] {
            if isDigit(byte) {
                rest = (rest * 10 + Int(byte - UInt8(ascii: "0"))) % 97
            } else if isLetter(byte) {
                rest = (rest * 100 + Int(byte | 0x20) - 0x61 + 10) % 97
            } else {
                return false
            }
        }
        return rest == 1
    }
}
