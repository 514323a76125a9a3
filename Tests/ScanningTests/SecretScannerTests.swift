import InterlockCredentials
import InterlockModel
import InterlockSafety
import InterlockScanning
import InterlockTesting
import Testing

/// The search for secrets in both engines (docs/specs/output-safety.md, sections 4, 5 and 10).
@Suite(.requirement("R082")) struct `Scanner of secrets` {
    private static let hashing = OpenSSLHashing()
    private static let rules = Result { try RuleSet.builtIn(for: .calls, hashing: hashing) }
    private static let secret = Array("q9/Zk+2mVx7\"tr4L".utf8)

    private static func scanner(
        _ mode: SecretScanner.Mode = .both, values: [[UInt8]] = [], blockBytes: Int = 1 << 20
    ) throws -> SecretScanner {
        var brokered = BrokeredValues(key: (11, 12))
        for value in values {
            let isRegistered = brokered.add(value)
            #expect(isRegistered)
        }
        return SecretScanner(
            try rules.get(), values: brokered, hashing: hashing, mode: mode, blockBytes: blockBytes)
    }

    private static func find(
        _ scanner: SecretScanner, _ text: [UInt8], step: Int = 1 << 17
    ) throws -> SecretFindings {
        scanner.begin()
        for start in stride(from: 0, to: text.count, by: step) {
            try scanner.take(text.span.extracting(start..<min(start + step, text.count)))
        }
        return try scanner.finish()
    }

    @Test func `each rule of the program holds in both engines`() throws {
        let rules = try Self.rules.get()
        #expect(rules.rules.count >= 240)
        // The rules for files have no class of personal data. Numbers block in calls, other data of people mark.
        let ofFiles = try RuleSet.builtIn(for: .files, hashing: Self.hashing)
        #expect(ofFiles.rules.count >= 200)
        let personal: Set<SecretClass> = [.card, .iban, .nationalID, .personal]
        #expect(ofFiles.rules.allSatisfy { !personal.contains($0.secretClass) })
        for rule in rules.rules where SecretClassSet.decided.contains(rule.secretClass) {
            let isNumber = SecretClassSet.numbers.contains(rule.secretClass)
            #expect(rule.strength == (isNumber ? .block : .mark), "\(rule.id)")
        }
        let tests = rules.rules.flatMap { $0.tests.match + $0.tests.miss }
        #expect(tests.count > 2 * rules.rules.count)
        let failures = try RuleSetTest(rules, hashing: Self.hashing).failures
        #expect(failures.isEmpty, "\(failures)")
    }

    /// Examples of rules, whole, cut and changed, between random bytes, in one block and in many.
    @Test func `vectorscan with RE2 finds what RE2 alone finds, however a text is cut`() throws {
        var chance = SeededGenerator.announced()
        let examples =
            try Self.rules.get().rules.flatMap { $0.tests.match + $0.tests.miss } + [Self.secret]
        let alone = try Self.scanner(
            .confirmationAlone, values: [Self.secret], blockBytes: 1 << 20)
        let both = try Self.scanner(values: [Self.secret])
        let small = try Self.scanner(values: [Self.secret], blockBytes: 1)
        var total = 0
        for _ in 0..<60 {
            var text: [UInt8] = []
            for _ in 0..<Int.random(in: 1...40, using: &chance) {
                switch Int.random(in: 0..<5, using: &chance) {
                case 0:
                    for _ in 0..<Int.random(in: 0..<200, using: &chance) {
                        text.append(UInt8.random(in: 0...255, using: &chance))
                    }
                case 1:
                    let letter = UInt8.random(in: 0x30...0x7a, using: &chance)
                    text += [UInt8](
                        repeating: letter, count: Int.random(in: 0..<3000, using: &chance))
                default: text += Self.changed(examples.randomElement(using: &chance) ?? [], &chance)
                }
            }
            let expected = try Self.find(alone, text)
            total += expected.blocking + expected.marked
            #expect(try Self.find(both, text, step: 777) == expected)
            #expect(try Self.find(small, text, step: 1000) == expected)
        }
        #expect(total > 50)
    }

    private static func changed(
        _ text: [UInt8], _ chance: inout SeededGenerator
    ) -> [UInt8] {
        var text = text
        switch Int.random(in: 0..<5, using: &chance) {
        case 0: return Array(text.prefix(Int.random(in: 0...text.count, using: &chance)))
        case 1: return Array(text.suffix(Int.random(in: 0...text.count, using: &chance)))
        case 2:
            guard let index = text.indices.randomElement(using: &chance) else { return text }
            text[index] = UInt8.random(in: 0...255, using: &chance)
            return text
        default: return text
        }
    }

    @Test func `a value is found at each cut between two blocks, with its line`() throws {
        let rules = try Self.rules.get()
        let rule = try #require(RuleID("github-token").flatMap { rules[$0] })
        let token = try #require(rule.tests.match.first)
        // A block is at least two overlaps, so the first cut lies at 12 KiB or later.
        let scanner = try Self.scanner(values: [Self.secret], blockBytes: 1)
        for before in stride(from: 11_000, to: 20_000, by: 23) {
            let text =
                [UInt8](repeating: UInt8(ascii: "\n"), count: before) + token
                + [UInt8](repeating: 0x20, count: 100) + Self.secret + [0x20]
            let found = try Self.find(scanner, text, step: 4096).sorted
            #expect(found.map(\.rule.description) == ["github-token", "brokered-value"])
            #expect(found.first?.line == before + 1 && found.first?.offset == Int64(before))
        }
    }

    @Test func `a value of the broker is found in each of its encodings, and part of it is not`()
        throws
    {
        let scanner = try Self.scanner(values: [Self.secret])
        let text = String(decoding: Self.secret, as: UTF8.self)
        var forms = [
            text, String(text.reversed()),
            text.replacing("\"", with: "\\\"").replacing("/", with: "\\/"),
        ]
        for before in ["", "x", "xy"] {
            let encoded = Base64.encode(Array((before + text + "tail").utf8))
            forms += [encoded, encoded.replacing("+", with: "-").replacing("/", with: "_")]
        }
        forms += [Hex.encode(Self.secret), Hex.encode(Self.secret).uppercased()]
        forms += ["q9%2FZk%2B2mVx7%22tr4L", "q9%2fZk%2b2mVx7%22tr4L", "q9/Zk%2B2mVx7%22tr4L"]
        forms += [text.replacing("\"", with: "\\\""), #"q9\u002fZk\u002b2mVx7\u0022tr4L"#]
        for form in forms {
            let found = try Self.find(scanner, Array(("value: " + form + "\n").utf8))
            #expect(found.kept.map(\.rule) == [.brokered], "\(form)")
            #expect(found.blocking == 1)
        }
        #expect(try Self.find(scanner, Array(text.utf8.dropLast())).isEmpty)
    }

    @Test func `a value that other text may have takes no place of one that none has`() throws {
        let common = Array("postgres".utf8)
        let scanner = try Self.scanner(values: [common, Self.secret])
        let spaced = common + [0x20]
        let few = try Self.find(scanner, spaced + Self.secret)
        #expect(few.sorted.map(\.isDistinct) == [false, true])
        #expect(few.sorted.foremost?.isDistinct == true)
        let many = Array(repeating: spaced, count: 2 * SecretFindings.mostKept).flatMap { $0 }
        #expect(try Self.find(scanner, many).sorted.foremost?.isDistinct == false)
        let found = try Self.find(scanner, many + Self.secret + [0x20] + many)
        #expect(found.blocking == 4 * SecretFindings.mostKept + 1)
        #expect(found.kept.count { $0.isDistinct } == 1)
        #expect(found.sorted.foremost?.isDistinct == true)
    }

    @Test func `a short value cannot be registered`() {
        var values = BrokeredValues(key: (1, 2))
        let isRegistered = values.add(Array("1234567".utf8))
        #expect(!isRegistered && values.isEmpty)
    }

    /// A long pattern matches at each place, so the search of one text could take minutes.
    @Test func `a text that takes too much work is a failure, and the next text is searched`()
        throws
    {
        let rule =
            #"{"id":"a","class":"token","strength":"block","pattern":"[a-y]{4,400}z","source":"s","tests":{"match":[["abcdz"]],"miss":[["x"]]}}"#
        let text = "{\"interlock_rules\":1,\"name\":\"t\",\"rules\":[\(rule)]}"
        let rules = try RuleSet(parsing: Array(text.utf8), hashing: Self.hashing)
        let scanner = SecretScanner(
            rules, values: BrokeredValues(key: (1, 2)), hashing: Self.hashing)
        var long: [UInt8] = []
        while long.count < 900_000 {
            long += [UInt8](repeating: UInt8(ascii: "b"), count: 400) + [UInt8(ascii: "z")]
        }
        #expect(throws: ScanFailure(.budget, "")) { try Self.find(scanner, long) }
        #expect(try Self.find(scanner, Array("abcdz".utf8)).blocking == 1)
    }

    @Test func `a pattern with large counts is refused`() throws {
        let rule =
            #"{"id":"a","class":"token","strength":"block","pattern":"[A-Za-y0-9]{4,1000}z","source":"s","tests":{"match":[["abcdz"]],"miss":[["x"]]}}"#
        let text = "{\"interlock_rules\":1,\"name\":\"t\",\"rules\":[\(rule)]}"
        let rules = try RuleSet(parsing: Array(text.utf8), hashing: Self.hashing)
        let scanner = SecretScanner(
            rules, values: BrokeredValues(key: (1, 2)), hashing: Self.hashing)
        #expect(throws: ScanFailure(.rules, "")) { try Self.find(scanner, Array("abcdz".utf8)) }
    }

    /// A double hash for each of them is work of the search, too.
    @Test func `a text full of checksums that do not hold is too much work`() throws {
        let part = Array(("xprv9" + String(repeating: "z2", count: 53) + "q ").utf8)
        var text: [UInt8] = []
        while text.count < 1_040_000 { text += part }
        let scanner = try Self.scanner()
        #expect(throws: ScanFailure(.budget, "")) { try Self.find(scanner, text) }
        #expect(try Self.find(scanner, Array(text.prefix(100_000))).blocking == 0)
    }

    /// Starts of a token's pattern follow one another without an end.
    @Test func `a text of near matches is answered in time`() throws {
        let part = Array(("eyJ" + String(repeating: "eyJ", count: 190) + ".").utf8)
        var text: [UInt8] = []
        while text.count < 900_000 { text += part }
        let scanner = try Self.scanner()
        let time = ContinuousClock().measure { _ = try? Self.find(scanner, text) }
        #expect(time < .seconds(10))
    }

    @Test func `the digest of a scanner is of its rules and of the registered values`() throws {
        let rules = try Self.rules.get()
        func digest(_ revision: [UInt8]) -> Digest {
            SecretScanner(
                rules, values: BrokeredValues(key: (1, 2)), revision: revision,
                hashing: Self.hashing
            ).digest
        }
        #expect(digest([1]) == digest([1]) && digest([1]) != digest([2]))
    }

    /// The example of BIP 32, test vector 1, and a key of the Bitcoin wiki; in parts.
    @Test func `base 58 has the checksum of its bytes`() {
        let keys = [
            "5HueCGU8rMjxEXxiPuD5BDku4MkFqeZyd" + "4dZ1jvhTVqvbTLvyTJ",
            "xprv9s21ZrQH143K3QTDL4LXw2F7HEK3wJUD2nW2nRk4stbPy6cq3jPPqjiChkVvvNKmPGJxWUtg6LnF5kejMRNNU3"
                + "TGtRBeJgk33yuGBxrMPHi",
        ]
        for key in keys {
            let value = Array(key.utf8)
            #expect(ValueCheck.base58check.holds(of: value, hashing: Self.hashing))
            var other = value
            other[20] = other[20] == UInt8(ascii: "z") ? UInt8(ascii: "y") : UInt8(ascii: "z")
            #expect(!ValueCheck.base58check.holds(of: other, hashing: Self.hashing))
        }
    }
}
