import Testing

@testable import InterlockSafety

/// The texts of patterns by which a search finds where they may match.
@Suite struct `Candidates of rules` {
    @Test(
        arguments: [
            (#"\bghp_[A-Za-z0-9]{36}\b"#, ["ghp_"], 4...4),
            ("(?:alpha|beta-x)[0-9]{9}", ["alpha", "beta-x"], 5...6),
            ("[0-9]{2,4}secret_", ["secret_"], 9...11), ("(?:abc[0-9]){2,5}", ["abc"], 3...3),
            (#"a\.b\-c\n"#, ["a.b-c\n"], 6...6),
            ("[rs]k_test_[0-9]{9}", ["rk_test_", "sk_test_"], 8...8),
            ("[0-9]{12}", [], 12...12), ("ab[0-9]{6}", [], 8...8),
            ("(?:abcd|[0-9]{4})[0-9]{5}", [], 9...9),
        ] as [(String, [String], ClosedRange<Int>)])
    func `a pattern has texts, or is searched for itself`(
        pattern: String, texts: [String], reach: ClosedRange<Int>
    ) throws {
        let candidates = try RulePattern(pattern).candidates
        #expect(candidates.texts.map { String(decoding: $0.bytes, as: UTF8.self) } == texts)
        #expect(candidates.texts.allSatisfy { !$0.ignoresCase })
        #expect(candidates.reach == reach)
    }

    @Test func `a text of which a part ignores case does so as a whole`() throws {
        let candidates = try RulePattern("(?i:Key)-[0-9]{4}").candidates
        let expected = RuleCandidates.Text(bytes: Array("key-".utf8), ignoresCase: true)
        #expect(candidates.texts == [expected] && candidates.reach == 4...4)
    }

    @Test func `a class that ignores case excludes both cases`() throws {
        let pattern = try RulePattern("(?i:[^k]){4}")
        guard case .sequence(let parts) = pattern.node, case .repeated(let part, _) = parts.first,
            case .sequence(let inner) = part, case .bytes(let set) = inner.first
        else {
            Issue.record("unexpected parts: \(pattern.node)")
            return
        }
        #expect(set.count == 254 && !set.contains(UInt8(ascii: "k")))
        #expect(!set.contains(UInt8(ascii: "K")))
    }
}
