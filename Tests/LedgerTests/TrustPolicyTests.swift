import InterlockCredentials
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@Suite struct TrustPolicyTests {
    static let log =
        "audit.acme.example/gw1/2026+7ca325f0+AQOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4"

    /// A witness key derived from one repeated byte.
    static func key(_ seed: UInt8) -> String {
        guard
            let secret = Ed25519PrivateKey(seed: [UInt8](repeating: seed, count: 32)),
            let key = CosignerKey(
                name: "w\(seed).example", publicKey: secret.publicKey.bytes, hashing: hashing)
        else { return "" }
        return key.description
    }

    private func read(_ text: String) throws(TrustPolicyError) -> TrustPolicy {
        try TrustPolicy(parsing: Array(text.utf8), hashing: hashing)
    }

    @Test func `the example of the specification is read, and written as it was`() throws {
        let text = """
            log \(Self.log)
            witness gw2 \(Self.key(1)) https://gw2.acme.example/witness
            witness auditor \(Self.key(2)) https://witness.auditor.example
            group outside 1 gw2 auditor
            quorum outside

            """
        let policy = try read(text)
        #expect(policy.text == text)
        #expect(policy.keys(of: "audit.acme.example/gw1/2026").map(\.description) == [Self.log])
        #expect(policy.witnesses.map(\.name.description) == ["gw2", "auditor"])
        let spread =
            "# a file\n\n" + text.replacing(" ", with: " \t ").replacing("1 gw2", with: "any gw2")
        #expect(try read(spread.replacing("outside 1", with: "outside any")) == policy)
    }

    @Test(arguments: [
        ("", 0, TrustPolicyError.Problem.noQuorum), ("quorum none", 1, .noNewline),
        ("quorum none\nquorum none\n", 2, .secondQuorum), ("quorum x\n", 1, .undefined("x")),
        ("quorum no\u{1}ne\n", 1, .controlCharacter), ("quorum none\r\n", 1, .controlCharacter),
        ("witness a KEY1\nwitness a KEY2\n", 2, .duplicateName("a")),
        ("witness a KEY1\nwitness b KEY1\n", 2, .duplicateKey),
        ("log LOG\nlog LOG\n", 2, .duplicateKey), ("witness a LOG\n", 1, .badKey),
        ("log KEY1\n", 1, .badKey), ("witness none KEY1\n", 1, .badName("none")),
        ("group g 1 a\nwitness a KEY1\n", 1, .undefined("a")),
        ("witness a KEY1\ngroup g 1 a a\n", 2, .listedTwice("a")),
        ("witness a KEY1\ngroup g 1 a\ngroup h 1 a\n", 3, .listedTwice("a")),
        ("witness a KEY1\ngroup g 1 g a\n", 2, .undefined("g")),
        ("witness a KEY1\ngroup g 2 a\n", 2, .badThreshold("2")),
        ("witness a KEY1\ngroup g 01 a\n", 2, .badThreshold("01")),
        ("witness a KEY1\ngroup g 0 a\n", 2, .badThreshold("0")),
        ("witness a KEY1\ngroup g 1 none\n", 2, .undefined("none")),
        ("witness a KEY1\ngroup a 1 a\n", 2, .duplicateName("a")),
        ("group g 1\n", 1, .wordCount("group NAME K|any|all MEMBER...")),
        ("log\n", 1, .wordCount("log KEY [URL]")), ("peer x\n", 1, .unknownLine("peer")),
    ])
    func `what could be understood in two ways is refused, with its line`(
        text: String, line: Int, problem: TrustPolicyError.Problem
    ) {
        let keyed = text.replacing("KEY1", with: Self.key(1)).replacing("KEY2", with: Self.key(2))
            .replacing("LOG", with: Self.log)
        #expect(throws: TrustPolicyError(line: line, problem: problem)) { try read(keyed) }
    }

    @Test func `64 witnesses have room, the next one has not`() throws {
        let lines = (1...65).map { "witness w\($0) \(Self.key(UInt8($0)))\n" }
        #expect(try read(lines.dropLast().joined() + "quorum w64\n").witnesses.count == 64)
        #expect(throws: TrustPolicyError(line: 65, problem: .tooMany("witnesses"))) {
            try read(lines.joined() + "quorum none\n")
        }
    }

    @Test func `groups of groups are reached by enough of their members`() throws {
        let policy = try read(
            (1...4).map { "witness w\($0) \(Self.key(UInt8($0)))\n" }.joined()
                + "group x 2 w1 w2 w3\ngroup both all x w4\nquorum both\n")
        func reached(_ names: Set<String>) -> Bool {
            policy.isSatisfied { names.contains($0.name.description) }
        }
        #expect(reached(["w1", "w3", "w4"]))
        #expect(!reached(["w1", "w2", "w3"]))
        #expect(!reached(["w1", "w4"]))
        #expect(!reached([]))
        #expect(TrustPolicy(logs: []).isSatisfied { _ in false })
    }

    @Test func `adding makes a quorum of one, then extends it; removing undoes both`() throws {
        let key1 = try #require(CosignerKey(Self.key(1), hashing: hashing))
        let key2 = try #require(CosignerKey(Self.key(2), hashing: hashing))
        let empty = try read("log \(Self.log)\nquorum none\n")
        let one = try empty.adding(key1, url: "http://127.0.0.1:1/witness")
        #expect(one.text.hasSuffix("group outside 1 w1.example\nquorum outside\n"))
        let two = try one.adding(key2, url: nil)
        #expect(two.text.hasSuffix("group outside 1 w1.example w2.example\nquorum outside\n"))
        #expect(try read(two.text) == two)
        #expect(throws: TrustPolicyError.self) { try two.adding(key2, url: nil) }
        let first = try #require(TrustName("w1.example"))
        let second = try #require(TrustName("w2.example"))
        #expect(two.removing(second) == one)
        #expect(one.removing(first) == empty)
        #expect(one.removing(second) == nil)
    }

    @Test func `removing a member brings a threshold down, and takes empty groups with it`() throws
    {
        let policy = try read(
            "witness a \(Self.key(1))\nwitness b \(Self.key(2))\ngroup g all a\n"
                + "group h all g b\nquorum h\n")
        let name = try #require(TrustName("a"))
        let left = try #require(policy.removing(name))
        #expect(left.text.hasSuffix("group h 1 b\nquorum h\n"))
        #expect(try read(left.text) == left)
    }
}
