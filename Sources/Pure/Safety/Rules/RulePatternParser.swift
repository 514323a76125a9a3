/// Reads a pattern once from its start to its end, and computes how long its matches are.
struct RulePatternParser {
    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parse() throws(RulePatternError) -> ClosedRange<Int> {
        if let other = bytes.firstIndex(where: { !(0x20..<0x7f).contains($0) }) {
            throw RulePatternError(.byte, other)
        }
        let lengths = try alternatives()
        guard position == bytes.count else { throw error(.unexpected) }
        return lengths
    }

    private func error(_ kind: RulePatternError.Kind) -> RulePatternError {
        RulePatternError(kind, position)
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func take(_ text: StaticString) -> Bool {
        let wanted = text.description.utf8
        guard bytes[position...].starts(with: wanted) else { return false }
        position += wanted.count
        return true
    }

    private mutating func alternatives() throws(RulePatternError) -> ClosedRange<Int> {
        var all = try sequence()
        while take("|") {
            let other = try sequence()
            all = min(all.lowerBound, other.lowerBound)...max(all.upperBound, other.upperBound)
        }
        return all
    }

    private mutating func sequence() throws(RulePatternError) -> ClosedRange<Int> {
        var (least, most) = (0, 0)
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            let part = try quantified()
            least += part.lowerBound
            most += part.upperBound
            // The sum is bounded here, so that no nesting of repeats can overflow.
            guard most <= RulePattern.longestMatch else { throw error(.tooLong) }
        }
        return least...most
    }

    private mutating func quantified() throws(RulePatternError) -> ClosedRange<Int> {
        let atom = try atom()
        let repeats: ClosedRange<Int>
        switch next {
        case UInt8(ascii: "?"):
            position += 1
            repeats = 0...1
        case UInt8(ascii: "{"): repeats = try braces()
        default: return atom
        }
        // A second `?` would make the repeat lazy, which the two engines do not read alike.
        let isRepeated = next == UInt8(ascii: "?") || next == UInt8(ascii: "{")
        guard atom.lowerBound > 0, !isRepeated else { throw error(.repetition) }
        let most = atom.upperBound * repeats.upperBound
        guard most <= RulePattern.longestMatch else { throw error(.tooLong) }
        return atom.lowerBound * repeats.lowerBound...most
    }

    private mutating func braces() throws(RulePatternError) -> ClosedRange<Int> {
        position += 1
        let least = try number()
        var most = least
        if take(",") { most = try number() }
        guard take("}"), most >= least, most >= 1 else { throw error(.repetition) }
        return least...most
    }

    private mutating func number() throws(RulePatternError) -> Int {
        var value = 0
        let start = position
        while let byte = next, (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) {
            value = value * 10 + Int(byte - UInt8(ascii: "0"))
            position += 1
            guard value <= RulePattern.mostRepeats else { throw error(.repetition) }
        }
        let isPlain = position > start && (bytes[start] != UInt8(ascii: "0") || value == 0)
        guard isPlain else { throw error(.repetition) }
        return value
    }

    private mutating func atom() throws(RulePatternError) -> ClosedRange<Int> {
        guard let byte = next else { throw error(.ending) }
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["):
            try characterClass()
            return 1...1
        case UInt8(ascii: "\\"): return try escape()
        case UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "^"),
            UInt8(ascii: "$"):
            throw error(.unexpected)
        default:
            position += 1
            return 1...1
        }
    }

    private mutating func group() throws(RulePatternError) -> ClosedRange<Int> {
        guard take("(?:") || take("(?i:") else { throw error(.group) }
        guard depth < RulePattern.deepest else { throw error(.depth) }
        depth += 1
        let lengths = try alternatives()
        depth -= 1
        guard take(")") else { throw error(.ending) }
        return lengths
    }

    private static let punctuation = Array("\\.*+?()[]{}|^$/-".utf8)
    private static let controls = Array("nrt".utf8)

    /// Reads `\b`, `\n`, `\r`, `\t` or an escaped punctuation character.
    private mutating func escape() throws(RulePatternError) -> ClosedRange<Int> {
        position += 1
        guard let byte = next else { throw error(.ending) }
        position += 1
        if byte == UInt8(ascii: "b") { return 0...0 }
        guard Self.punctuation.contains(byte) || Self.controls.contains(byte) else {
            throw RulePatternError(.escape, position - 1)
        }
        return 1...1
    }

    /// Reads `[...]` or `[^...]` of characters, escapes and ranges of two letters or of two digits.
    private mutating func characterClass() throws(RulePatternError) {
        position += 1
        _ = take("^")
        var isEmpty = true
        while let byte = next, byte != UInt8(ascii: "]") {
            isEmpty = false
            // `[:`, `[.` and `[=` mean more in one of the engines, and `&&`, `--`, `~~` in others.
            guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "&"), byte != UInt8(ascii: "^")
            else { throw error(.characterClass) }
            if byte == UInt8(ascii: "\\") {
                guard try escape().lowerBound == 1 else { throw error(.characterClass) }
                continue
            }
            position += 1
            guard next == UInt8(ascii: "-"), position + 1 < bytes.count,
                bytes[position + 1] != UInt8(ascii: "]")
            else { continue }
            let end = bytes[position + 1]
            guard let kind = Self.kind(byte), kind == Self.kind(end), byte <= end else {
                throw error(.characterClass)
            }
            position += 2
        }
        guard !isEmpty, take("]") else { throw error(.characterClass) }
    }

    /// The set in which a range may lie: digits, upper-case or lower-case letters.
    private static func kind(_ byte: UInt8) -> Int? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): 0
        case UInt8(ascii: "A")...UInt8(ascii: "Z"): 1
        case UInt8(ascii: "a")...UInt8(ascii: "z"): 2
        default: nil
        }
    }
}
