import InterlockCredentials
import InterlockModel
import InterlockSafety
import InterlockTesting
import Testing

@testable import InterlockScanning

/// Candidates of rules in vectorscan: each match has one (docs/decisions/0132-texts-of-rules-as-candidates.md).
@Suite(.requirement("R082")) struct `Candidates of rules in the engines` {
    private static let hashing = OpenSSLHashing()

    /// Returns bytes that a part of a pattern matches, but for word boundaries.
    private static func match(
        of node: PatternNode, _ chance: inout SeededGenerator
    ) -> [UInt8] {
        var all: [UInt8] = []
        switch node {
        case .boundary: break
        case .bytes(let set): all = [set.members.randomElement(using: &chance) ?? 0]
        case .sequence(let parts):
            for part in parts { all += match(of: part, &chance) }
        case .either(let parts):
            if let part = parts.randomElement(using: &chance) { all = match(of: part, &chance) }
        case .repeated(let part, let counts):
            for _ in 0..<Int.random(in: counts, using: &chance) {
                all += match(of: part, &chance)
            }
        }
        return all
    }

    private static func matches(
        _ matcher: RuleMatcher, _ text: [UInt8]
    ) throws -> Set<String> {
        var found: Set<String> = []
        try matcher.matches(in: text.span, starts: 0..<text.count) { rule, range in
            found.insert("\(rule.id) \(range)")
        }
        return found
    }

    /// Generates matches of each pattern from its parts, between spaces or other bytes.
    private static func check(_ set: RuleSet, rounds: Int) throws {
        var chance = SeededGenerator.announced()
        let engine = try CandidateEngine(set.rules, block: 1 << 16)
        let both = try RuleMatcher(set, block: 1 << 16, mode: .both)
        let alone = try RuleMatcher(set, block: 1 << 16, mode: .confirmationAlone)
        for (index, rule) in set.rules.enumerated() {
            var total = 0
            for _ in 0..<rounds {
                let before = Int.random(in: 1...300, using: &chance)
                let match = Self.match(of: rule.pattern.node, &chance)
                let text =
                    [UInt8](repeating: UInt8(ascii: " "), count: before) + match
                    + Array(" and more".utf8)
                let reach = rule.candidates.reach
                let near = before + reach.lowerBound...before + reach.upperBound
                let candidates = try engine.candidates(in: text.span)
                #expect(
                    candidates.contains { $0.rule == index && $0.ends.overlaps(near) },
                    "no candidate of \(rule.id) in \(match)")
                let expected = try matches(alone, text)
                #expect(try matches(both, text) == expected, "\(rule.id) in \(match)")
                total += expected.count
            }
            #expect(total > 0, "\(rule.id) has no match")
        }
    }

    @Test func `each match of a rule of the program has a candidate`() throws {
        try Self.check(try RuleSet.builtIn(hashing: Self.hashing), rounds: 30)
    }

    private static func rule(_ id: String, _ pattern: String, _ more: String = "") -> String {
        let tests = #""tests":{"match":[["abcdefgh"]],"miss":[["x"]]}"#
        return #"{"id":"\#(id)","class":"token","strength":"block","pattern":"\#(pattern)","#
            + more + #""source":"s",\#(tests)}"#
    }

    /// Texts that ignore case, of alternatives, behind a part of any length, and patterns without texts.
    @Test func `each kind of candidate finds what RE2 alone finds`() throws {
        let rules = [
            Self.rule("ignore-case", "(?i:Key)_[0-9]{6,9}"),
            Self.rule("alternatives", "(?:alpha|beta-x|gamma)[0-9]{5}"),
            Self.rule("behind", "[a-f]{2,40}=secret:[0-9]{3,30}"),
            Self.rule("repeated", "(?:abc[0-9]){2,5}"),
            Self.rule("short-text", "zq[0-9]{6}"),
            Self.rule("no-text", "[G-K]{7,12}"),
            Self.rule("whole", "common[0-9]{6}", #""candidate":"pattern","#),
        ]
        let text =
            "{\"interlock_rules\":1,\"name\":\"t\",\"rules\":[\(rules.joined(separator: ","))]}"
        let set = try RuleSet(parsing: Array(text.utf8), hashing: Self.hashing)
        let whole = set.rules.filter(\.candidates.texts.isEmpty).map(\.id.description)
        #expect(whole == ["no-text", "short-text", "whole"])
        try Self.check(set, rounds: 100)
    }

    /// Texts that ordinary files are full of.
    @Test func `a text full of candidates without a match is searched within the small budget`()
        throws
    {
        let set = try RuleSet.builtIn(hashing: Self.hashing)
        let first = try RuleMatcher(set, block: 1 << 16, mode: .both)
        let matcher = try RuleMatcher(sharing: first, block: 1 << 16, budget: .small)
        for line in [
            "see https://example.com/a and http://example.org\n", "def get_test_data(): pass\n",
            "-----BEGIN CERTIFICATE-----\n",
        ] {
            var text: [UInt8] = []
            while text.count + line.utf8.count <= 1 << 16 { text += Array(line.utf8) }
            #expect(try Self.matches(matcher, text).isEmpty, "\(line)")
        }
    }
}
