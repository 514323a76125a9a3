/// The pattern of a rule, in a subset of what vectorscan and RE2 read alike: bytes, classes, groups, alternatives and
/// bounded repeats. Nothing repeats without a bound, nothing looks around, and no position but a word boundary (`\b`) is
/// named, so that a match is decided by its own bytes and one byte on either side.
package struct RulePattern: Hashable, Sendable {
    /// The longest text of a pattern, in bytes.
    package static let longestText = 1000
    /// The longest match, in bytes (docs/specs/output-safety.md, section 5, `max_len`).
    package static let longestMatch = 4096
    /// The shortest match of a pattern, in bytes: shorter ones would match everywhere.
    package static let shortestMatch = 4
    /// The greatest count of one repeat; RE2 accepts no greater one.
    static let mostRepeats = 1000
    /// The depth of groups.
    static let deepest = 8

    package let text: String
    /// The lengths of matches, in bytes.
    package let lengths: ClosedRange<Int>
    package let node: PatternNode
    /// The texts that a multi-pattern search looks for in place of the pattern.
    package let candidates: RuleCandidates

    package init(_ text: String) throws(RulePatternError) {
        let bytes = Array(text.utf8)
        guard (1...Self.longestText).contains(bytes.count) else {
            throw RulePatternError(.length, 0)
        }
        var parser = RulePatternParser(bytes)
        let whole = try parser.parse()
        (node, lengths) = (whole.node, whole.lengths)
        guard lengths.lowerBound >= Self.shortestMatch else { throw RulePatternError(.tooShort, 0) }
        guard lengths.upperBound <= Self.longestMatch else { throw RulePatternError(.tooLong, 0) }
        self.text = text
        candidates = RuleCandidates(of: node)
    }
}

/// The reason why a text is not the pattern of a rule.
package struct RulePatternError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: String, Sendable {
        case length = "expected 1 to 1000 bytes"
        case byte = "expected printable ASCII"
        case ending = "unexpected end"
        case group = "expected `(?:` or `(?i:`"
        case depth = "more than 8 groups in one another"
        case unexpected = "unexpected character"
        case escape = "unknown escape"
        case characterClass = "invalid class"
        case repetition =
            "expected `?`, `{n}` or `{m,n}` of at most 1000 after something that has a length"
        case tooShort = "matches less than 4 bytes"
        case tooLong = "matches more than 4096 bytes"
    }

    package let kind: Kind
    /// The offset in the pattern, in bytes.
    package let offset: Int

    init(_ kind: Kind, _ offset: Int) { (self.kind, self.offset) = (kind, offset) }

    package var description: String { "\(kind.rawValue) at \(offset)" }
}
