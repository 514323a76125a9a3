import InterlockModel
import InterlockSafety

/// The rules of a set in both engines. One thread uses it at a time.
final class RuleMatcher {
    let rules: [ScanRule]
    private let engine: CandidateEngine
    private let patterns: [BytePattern]
    private let mode: SecretScanner.Mode
    private let budget: Budget

    /// The bytes that RE2 may search for each byte of a block, and at least in all, times a part of the pattern's
    /// instructions. A text of near matches of long patterns would take it minutes otherwise.
    struct Budget: Sendable {
        let perByte: Int
        let least: Int

        static let full = Budget(perByte: 64, least: 16 << 20)
        /// The budget of a search on a thread that serves others too.
        static let small = Budget(perByte: 4, least: 256 << 10)
    }
    private static let instructionsPerWork = 64

    init(_ set: RuleSet, block: Int, mode: SecretScanner.Mode) throws(ScanFailure) {
        rules = set.rules
        (self.mode, budget) = (mode, .full)
        // RE2 has a limit of memory and instructions for each pattern; vectorscan would begin with any.
        var patterns: [BytePattern] = []
        for rule in set.rules { patterns.append(try BytePattern(rule)) }
        self.patterns = patterns
        engine = try CandidateEngine(set.rules, block: block)
    }

    /// Shares what is compiled of a matcher, which another thread may use meanwhile.
    init(sharing other: RuleMatcher, block: Int, budget: Budget) throws(ScanFailure) {
        self.budget = budget
        (rules, mode, patterns) = (other.rules, other.mode, other.patterns)
        engine = try CandidateEngine(sharing: other.engine, other.rules, block: block)
    }

    /// Passes each match, of which the bytes are a value of the rule, by the start of the match. A start is a match
    /// whatever is found before it, so that no cut of a text decides what is found. Checks that read on behind a match read
    /// no farther than the longest match from its start would go.
    ///
    /// - Parameter starts: where matches begin that are wanted; the bytes around them are context.
    func matches(
        in bytes: Span<UInt8>, starts: Range<Int>, hashing: any Hashing,
        _ found: (ScanRule, Range<Int>) -> Void
    ) throws(ScanFailure) {
        var work =
            mode == .both ? max(budget.least, budget.perByte * bytes.count) : Int.max
        // Rules that only mark have work of their own; beyond it, they count no more.
        var marking = work
        windows: for window in try windows(of: bytes) {
            let (rule, pattern) = (rules[window.rule], patterns[window.rule])
            let cost = 1 + pattern.instructions / Self.instructionsPerWork
            var position = max(starts.lowerBound, window.range.lowerBound)
            // The search goes no farther than the last match of the window can reach.
            let end = min(bytes.count, window.range.upperBound + 1)
            let part = bytes.extracting(0..<end)
            while position < min(starts.upperBound, end) {
                let match = pattern.match(in: part, from: position)
                let checked = match == nil ? 0 : rule.check?.work ?? 0
                let spent = cost * ((match?.upperBound ?? end) - position) + checked
                if rule.strength == .mark {
                    marking -= spent
                    guard marking >= 0 else { continue windows }
                } else {
                    work -= spent
                }
                guard work >= 0 else {
                    throw ScanFailure(
                        .budget, "too many near matches of rule `\(rule.id)` in one text")
                }
                guard let match, match.lowerBound < starts.upperBound else { break }
                // A word may extend behind the part. Each match that begins in the window has a candidate there, so that
                // it ends in the window, too, and what ends behind it is none.
                let isCut = match.upperBound == end && end < bytes.count
                if !isCut, rule.confirms(match, in: bytes, hashing: hashing) {
                    found(rule, match)
                }
                position = match.lowerBound + 1
            }
        }
    }

    private struct Window {
        let rule: Int
        let range: Range<Int>
    }

    /// The parts of a block in which matches of a rule lie, whole; no two of one rule overlap.
    private func windows(of bytes: Span<UInt8>) throws(ScanFailure) -> [Window] {
        guard mode == .both else {
            return rules.indices.map { Window(rule: $0, range: 0..<bytes.count) }
        }
        let candidates = try engine.candidates(in: bytes)
        guard !candidates.isEmpty else { return [] }
        var windows: [Window] = []
        for candidate in candidates.sorted(by: {
            ($0.rule, $0.ends.lowerBound) < ($1.rule, $1.ends.lowerBound)
        }) {
            let rule = rules[candidate.rule]
            // A match begins at most the reach before the end of its candidate, and ends at most its length after that.
            let reach = rule.candidates.reach
            let start = max(0, candidate.ends.lowerBound - reach.upperBound)
            let end = min(
                bytes.count,
                candidate.ends.upperBound - reach.lowerBound + rule.pattern.lengths.upperBound)
            if let last = windows.last, last.rule == candidate.rule,
                start <= last.range.upperBound
            {
                windows[windows.count - 1] = Window(
                    rule: last.rule,
                    range: last.range.lowerBound..<max(end, last.range.upperBound))
            } else {
                windows.append(Window(rule: candidate.rule, range: start..<end))
            }
        }
        return windows
    }
}
