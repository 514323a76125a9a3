/// Reads a pattern once from its start to its end, and computes how long its matches are.
struct RulePatternParser {
    /// A part that was read, with the lengths of what it matches.
    struct Part {
        let node: PatternNode
        let lengths: ClosedRange<Int>
    }

    private let bytes: [UInt8]
    private var position = 0
    private var depth = 0
    /// A group `(?i:` is open.
    private var ignoresCase = false

    init(_ bytes: [UInt8]) { self.bytes = bytes }

    mutating func parse() throws(RulePatternError) -> Part {
        if let other = bytes.firstIndex(where: { !(0x20..<0x7f).contains($0) }) {
            throw RulePatternError(.byte, other)
        }
        let part = try alternatives()
        guard position == bytes.count else { throw error(.unexpected) }
        return part
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

    private mutating func alternatives() throws(RulePatternError) -> Part {
        let first = try sequence()
        var (nodes, all) = ([first.node], first.lengths)
        while take("|") {
            let other = try sequence()
            nodes.append(other.node)
            all = all.covering(other.lengths)
        }
        return Part(node: nodes.count == 1 ? first.node : .either(nodes), lengths: all)
    }

    private mutating func sequence() throws(RulePatternError) -> Part {
        var nodes: [PatternNode] = []
        var (least, most) = (0, 0)
        while let byte = next, byte != UInt8(ascii: "|"), byte != UInt8(ascii: ")") {
            let part = try quantified()
            // A group without a repeat is a part of the sequence around it.
            if case .sequence(let inner) = part.node {
                nodes += inner
            } else {
                nodes.append(part.node)
            }
            least += part.lengths.lowerBound
            most += part.lengths.upperBound
            // The sum is bounded here, so that no nesting of repeats can overflow.
            guard most <= RulePattern.longestMatch else { throw error(.tooLong) }
        }
        return Part(node: .sequence(nodes), lengths: least...most)
    }

    private mutating func quantified() throws(RulePatternError) -> Part {
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
        guard atom.lengths.lowerBound > 0, !isRepeated else { throw error(.repetition) }
        let most = atom.lengths.upperBound * repeats.upperBound
        guard most <= RulePattern.longestMatch else { throw error(.tooLong) }
        return Part(
            node: .repeated(atom.node, repeats),
            lengths: atom.lengths.lowerBound * repeats.lowerBound...most)
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

    /// A part that matches one byte.
    private func single(_ set: ByteSet) -> Part {
        Part(node: .bytes(ignoresCase ? set.ignoringCase : set), lengths: 1...1)
    }

    private func single(_ byte: UInt8) -> Part {
        var set = ByteSet()
        set.insert(byte)
        return single(set)
    }

    private mutating func atom() throws(RulePatternError) -> Part {
        guard let byte = next else { throw error(.ending) }
        switch byte {
        case UInt8(ascii: "("): return try group()
        case UInt8(ascii: "["): return try characterClass()
        case UInt8(ascii: "\\"):
            guard let byte = try escape() else { return Part(node: .boundary, lengths: 0...0) }
            return single(byte)
        case UInt8(ascii: "."), UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"),
            UInt8(ascii: "{"), UInt8(ascii: "}"), UInt8(ascii: "]"), UInt8(ascii: "^"),
            UInt8(ascii: "$"):
            throw error(.unexpected)
        default:
            position += 1
            return single(byte)
        }
    }

    private mutating func group() throws(RulePatternError) -> Part {
        let outer = ignoresCase
        if !take("(?:") {
            guard take("(?i:") else { throw error(.group) }
            ignoresCase = true
        }
        guard depth < RulePattern.deepest else { throw error(.depth) }
        depth += 1
        let part = try alternatives()
        depth -= 1
        guard take(")") else { throw error(.ending) }
        ignoresCase = outer
        return part
    }

    private static let punctuation = Array("\\.*+?()[]{}|^$/-".utf8)

    /// Reads `\b`, `\n`, `\r`, `\t` or an escaped punctuation character.
    ///
    /// - Returns: the byte, or nil for `\b`.
    private mutating func escape() throws(RulePatternError) -> UInt8? {
        position += 1
        guard let byte = next else { throw error(.ending) }
        position += 1
        switch byte {
        case UInt8(ascii: "b"): return nil
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "r"): return UInt8(ascii: "\r")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        default: break
        }
        guard Self.punctuation.contains(byte) else { throw RulePatternError(.escape, position - 1) }
        return byte
    }

    /// Reads `[...]` or `[^...]` of characters, escapes and ranges of two letters or of two digits.
    private mutating func characterClass() throws(RulePatternError) -> Part {
        position += 1
        let isInverted = take("^")
        var set = ByteSet()
        while let byte = next, byte != UInt8(ascii: "]") {
            // `[:`, `[.` and `[=` mean more in one of the engines, and `&&`, `--`, `~~` in others.
            guard byte != UInt8(ascii: "["), byte != UInt8(ascii: "&"), byte != UInt8(ascii: "^")
            else { throw error(.characterClass) }
            if byte == UInt8(ascii: "\\") {
                guard let escaped = try escape() else { throw error(.characterClass) }
                set.insert(escaped)
                continue
            }
            position += 1
            guard next == UInt8(ascii: "-"), position + 1 < bytes.count,
                bytes[position + 1] != UInt8(ascii: "]")
            else {
                set.insert(byte)
                continue
            }
            let end = bytes[position + 1]
            guard let kind = Self.kind(byte), kind == Self.kind(end), byte <= end else {
                throw error(.characterClass)
            }
            for member in byte...end { set.insert(member) }
            position += 2
        }
        guard set.count > 0, take("]") else { throw error(.characterClass) }
        guard isInverted else { return single(set) }
        // A class that ignores case excludes both cases of a letter.
        let excluded = ignoresCase ? set.ignoringCase : set
        return Part(node: .bytes(excluded.inverted), lengths: 1...1)
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
