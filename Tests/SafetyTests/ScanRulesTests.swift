import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockSafety

/// The parts of rules that decide without an engine.
@Suite struct `Rules for secrets` {
    @Test(
        arguments: [
            (#"\bghp_[A-Za-z0-9]{36}\b"#, 40, 40), ("(?:ab|cde)?wxyz", 4, 7),
            ("(?i:key)-[0-9]{2,4}", 6, 8), (#"a\.b\-c\n"#, 6, 6), ("[^a-z0-9_-]{4,1000}", 4, 1000),
        ] as [(String, Int, Int)])
    func `a pattern has the lengths of its matches`(text: String, least: Int, most: Int) throws {
        #expect(try RulePattern(text).lengths == least...most)
    }

    @Test(
        arguments: [
            "", "abc", "a*bcde", "a+bcde", "abcd.", "^abcd", "abcd$", "(abcd)", "(?=abcd)",
            #"(?:abcd)\1"#, "abcd{1,}", "abcd{1001}", "(?:abcd){500}(?:efgh){900}", "abcd??",
            "[abcd", "[]", "[[:alpha:]]{4}", "[a-Z]{4}", #"\sabcd"#, #"\Babcd"#, "é1234", "abcd)",
            "(?:ab", "ab{2}{2}", #"(?:\b){4}abcd"#,
            String(repeating: "(?:", count: 9) + "abcd" + String(repeating: ")", count: 9),
        ])
    func `what the engines could read in two ways is refused`(text: String) {
        #expect(throws: RulePatternError.self) { try RulePattern(text) }
    }

    /// The example of GitHub's page on its token format, in parts.
    @Test func `the checksum of a token is that of its issuer`() {
        let token = Array(("ghp_" + "zQWBuTSOoRi4A9spHcVY5ncnsDkxkJ0mLq17").utf8)
        #expect(ValueCheck.crc32Base62.holds(of: token, hashing: SumHashing()))
        for index in 4..<token.count {
            var other = token
            other[index] = other[index] == UInt8(ascii: "x") ? UInt8(ascii: "y") : UInt8(ascii: "x")
            #expect(!ValueCheck.crc32Base62.holds(of: other, hashing: SumHashing()))
        }
        #expect(CRC32.checksum(of: "123456789".utf8) == 0xcbf4_3926)
    }

    @Test(arguments: [("aaaa", 0), ("abab", 100), ("abcd", 200), ("", 0), ("aab", 91)])
    func `entropy is that of the bytes`(text: String, hundredths: Int) {
        #expect(Entropy.hundredths(of: Array(text.utf8)) == hundredths)
    }

    /// The vectors of the paper: key and text are 00 01 02 ...
    @Test(arguments: [
        (0, 0x726f_db47_dd0e_0e31), (1, 0x74f8_39c5_93dc_67fd), (15, 0xa129_ca61_49be_45e5),
    ])
    func `the keyed hash is SipHash-2-4`(count: Int, expected: UInt64) {
        let hash = SipHash(key: (0x0706_0504_0302_0100, 0x0f0e_0d0c_0b0a_0908))
        let bytes = (0..<count).map { UInt8($0) }
        #expect(hash.hash(bytes.span) == expected)
    }

    private static func set(_ rule: String) throws -> RuleSet {
        let text = "{\"interlock_rules\":1,\"name\":\"t\",\"rules\":[\(rule)]}"
        return try RuleSet(parsing: Array(text.utf8), hashing: SumHashing())
    }

    private static let plain =
        #"{"id":"a","class":"token","strength":"block","pattern":"abcd","source":"s","tests":{"match":[["ab","cd"]],"miss":[["x"]]}}"#

    @Test func `a rule is read with its examples joined`() throws {
        let rule = try #require(try Self.set(Self.plain).rules.first)
        #expect(rule.tests.match == [Array("abcd".utf8)] && rule.secretClass == .token)
    }

    @Test(
        arguments: [
            (#""id":"a""#, #""id":"A""#), (#""id":"a""#, #""id":"brokered-value""#),
            (#""id":"a""#, #""id":"canary""#),
            (#""token""#, #""brokered""#), (#""token""#, #""canary""#), (#""block""#, #""deny""#),
            (#""abcd""#, #""abc.""#),
            (#""source":"s","#, ""), (#""source""#, #""sauce""#), (#"[["x"]]"#, "[]"),
            (#"[["x"]]"#, #"["x"]"#), (#""source""#, #""check":"luhn","source""#),
            (#""source""#, #""entropy":900,"source""#),
            (#""source""#, #""candidate":"text","source""#),
            (#""source""#, #""candidate":true,"source""#),
        ])
    func `a rule that is not as described is refused`(old: String, new: String) {
        #expect(throws: RuleSetError.self) {
            try Self.set(Self.plain.replacing(old, with: new))
        }
    }

    @Test func `a rule may demand a search for its pattern in place of its texts`() throws {
        let plain = try #require(try Self.set(Self.plain).rules.first)
        #expect(plain.candidates.texts.map(\.bytes) == [Array("abcd".utf8)])
        let whole = try #require(
            try Self.set(
                Self.plain.replacing(#""source""#, with: #""candidate":"pattern","source""#)
            ).rules.first)
        #expect(whole.candidates.texts.isEmpty && whole.candidates.reach == 4...4)
    }

    @Test func `two rules do not have one id`() {
        #expect(throws: RuleSetError.self) { try Self.set(Self.plain + "," + Self.plain) }
    }

    @Test func `several files make one set, in which an id is there once`() throws {
        func file(_ id: String, _ name: String = "t") -> [UInt8] {
            let rule = Self.plain.replacing(#""id":"a""#, with: #""id":"\#(id)""#)
            return Array(
                "{\"interlock_rules\":1,\"name\":\"\(name)\",\"rules\":[\(rule)]}".utf8)
        }
        let set = try RuleSet(joining: [file("b"), file("a")], hashing: SumHashing())
        #expect(set.rules.map(\.id.description) == ["a", "b"] && set.name == "t")
        #expect(throws: RuleSetError.self) {
            try RuleSet(joining: [file("a"), file("a")], hashing: SumHashing())
        }
        #expect(throws: RuleSetError.self) {
            try RuleSet(joining: [file("a"), file("b", "u")], hashing: SumHashing())
        }
        #expect(throws: RuleSetError.self) { try RuleSet(joining: [], hashing: SumHashing()) }
        #expect(throws: RuleSetError.self) {
            try RuleSet(joining: [file("a"), [0x7b]], hashing: SumHashing())
        }
    }

    @Test(arguments: ["card", "iban", "national-id", "personal", "generic"])
    func `a rule may be of each class of values`(name: String) throws {
        let set = try Self.set(Self.plain.replacing(#""token""#, with: #""\#(name)""#))
        #expect(set.rules.first?.secretClass.rawValue == name)
    }

    @Test func `findings that mark are counted by class`() {
        var findings = SecretFindings(keeping: 1)
        for secretClass in [SecretClass.card, .personal, .personal] {
            findings.add(
                SecretFinding(
                    rule: .brokered, secretClass: secretClass, strength: .mark, offset: 0,
                    length: 8, line: 1))
        }
        #expect(findings.marks == [.card: 1, .personal: 2] && findings.marked == 3)
    }

    @Test func `findings that block are kept before others, and all are counted`() {
        var findings = SecretFindings()
        for index in 0..<40 {
            findings.add(
                SecretFinding(
                    rule: .brokered, secretClass: .brokered, strength: index < 20 ? .mark : .block,
                    offset: Int64(index), length: 8, line: 1))
        }
        #expect(findings.blocking == 20 && findings.marked == 20)
        #expect(findings.kept.count == 16 && findings.kept.allSatisfy { $0.strength == .block })
    }
}
