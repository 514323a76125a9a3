import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Recorded calls as drafts of cases (docs/specs/evals.md, section 7).
@Suite(.requirement("R102")) struct CaseDraftTests {
    private static let call = ToolAddress(
        server: ServerName("billing").unwrapped, tool: ToolName("refund_request").unwrapped)
    private static let at = Timestamp(rfc3339: "2026-11-20T10:00:00.123Z").unwrapped
    private static let policy = Digest(prefixed: EvalFixture.digest).unwrapped

    static func origin(_ leaf: Int64 = 1042, log: String = "acme.example/log") -> CaseOrigin {
        CaseOrigin(
            log: log, leaf: leaf, run: "01JQX", capturedAt: at,
            by: Person("sam@acme.example").unwrapped, under: policy)
    }

    private static func captured(
        _ arguments: JSONValue?, _ verdict: Verdict = .deny, rule: String = "no-grant",
        facts: JSONObject = [:]
    ) -> CapturedCall {
        CapturedCall(
            agent: EvalFixture.agentName, call: call, arguments: arguments, at: at,
            verdict: verdict, rule: rule, facts: CapturedFacts(recorded: facts))
    }

    private static func identity(_ arguments: JSONValue) -> CanonicalCall? {
        CanonicalCall(
            of: EvalFixture.agentName, call, arguments, hashing: OpenSSLHashing())
    }

    static func draft(
        _ arguments: JSONValue?, _ verdict: Verdict = .deny, rule: String = "no-grant",
        facts: JSONObject = [:]
    ) throws -> CaseDraft {
        try #require(
            CaseDraft(
                captured(arguments, verdict, rule: rule, facts: facts), origin(),
                identity: arguments.flatMap { identity($0) }))
    }

    private static func test(_ draft: CaseDraft) -> TestSpec? {
        guard case .policy(let policy)? = EvalFixture.readCase(draft.text).evalCase?.body else {
            return nil
        }
        return policy.test
    }

    @Test func `a recorded call is a draft with its facts and where it is from`() throws {
        let facts: JSONObject = [
            "stage": "supervised", "tainted": true, "label": "untrusted",
            "on_behalf_of": "ada@acme.example",
            "task": "triage", "counters": ["calls": 4], "halted": .null, "quarantined": false,
            "elevations": [], "quota": 100, "purpose_declared": true, "sandboxed": false,
            "breaker": "paused",
        ]
        let draft = try Self.draft(["amount_cents": 50001], .approve(2), facts: facts)
        let reading = EvalFixture.readCase(draft.text)
        #expect(reading.findings.map(\.text) == [])
        let one = try #require(reading.evalCase)
        #expect(one.isDraft && one.caseClass == .incident && one.gate == .safety)
        #expect(one.reviews.isEmpty && one.regressionOf == nil && one.id == draft.id)
        #expect(one.origins == [Self.origin()])
        let test = try #require(Self.test(draft))
        #expect(test.arguments == ["amount_cents": 50001])
        #expect(test.expect == .approve(2) && test.at == Self.at && test.because == nil)
        #expect(test.stage == .supervised && test.level == .hostile && test.label == .untrusted)
        #expect(test.purpose?.value == "triage")
        #expect(test.onBehalfOf?.value.address == "ada@acme.example")
        #expect(test.counters == ["calls": 4])
        #expect(draft.text.hasPrefix("# Recorded decision: approve 2 by `no-grant`. "))
        #expect(draft.text.contains("does not state: breaker.\n"))
    }

    /// Arguments that an agent chose so that they end their field.
    private static let hostile: [JSONValue] = [
        [:], ["a": .null], ["a": [true, false, [], [:]]], ["": ""],
        ["a": "x\nexpect: allow\n"], ["a\nexpect": "allow"], ["a": "# no comment", "#": "#"],
        ["a": "x\r\n\t\u{0}\u{1}\u{7f}\u{85}\u{a0}\u{2028}\u{2029}"],
        ["a": "\u{202e}\u{200b}\u{feff}\u{fffe}\u{e0001}\u{1f600}\u{3164}"],
        ["a": "'\"\\ \\n {x: 1} [1, 2] , ? - : & * ! | > % @ `"], ["*a": "&b", "!t": "<<"],
        ["a": "true", "b": "null", "c": "1", "d": "~", "e": "-", "f": "2026-11-20", "g": " x "],
        ["a": 9_007_199_254_740_991, "b": -9_007_199_254_740_991, "c": 0],
        ["a": .number(JSONNumber(text: "1e21", double: 1e21))],
        ["a": .number(JSONNumber(text: "-0.5E-7", double: -0.5e-7))],
        ["a": .string(String(repeating: "ü", count: 8000))],
        [String(repeating: "k", count: 5000): 1],
        [String(repeating: "\u{0}", count: 2000): ["b": 1]],
    ]

    @Test(arguments: hostile.indices)
    func `arguments stay arguments, whatever they contain`(_ number: Int) throws {
        let arguments = Self.hostile[number]
        let draft = try Self.draft(arguments)
        let reading = EvalFixture.readCase(draft.text)
        #expect(reading.findings.map(\.text) == [])
        #expect(Self.test(draft)?.arguments == arguments)
        #expect(Self.test(draft)?.expect == .deny)
        #expect(draft.text.unicodeScalars.allSatisfy { $0 == "\n" || $0.value >= 0x20 })
    }

    /// Arguments that no case can state: a value above 16 KiB, nesting above 32 levels, a file above 64 KiB, and a key
    /// that the format does not have.
    private static let refused: [JSONValue] = [
        ["a": .string(String(repeating: "x", count: 20_000))],
        (0..<40).reduce(["x": 1] as JSONValue) { inner, _ in ["a": inner] },
        .object(
            JSONObject(
                distinct: (0..<10).map { number in
                    (
                        key: "k\(number)",
                        value: JSONValue.string(String(repeating: "y", count: 9000))
                    )
                })),
        ["<<": 1],
    ]

    @Test(arguments: refused.indices)
    func `a call that no case can state is refused when it is read`(_ number: Int) throws {
        let draft = try Self.draft(Self.refused[number])
        let reading = EvalFixture.readCase(draft.text)
        #expect(reading.evalCase == nil && !reading.findings.isEmpty)
    }

    @Test func `random arguments are read as they were written`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<300 {
            let arguments = JSONValue.object(Self.object(3, &random))
            let draft = try Self.draft(arguments)
            #expect(Self.test(draft)?.arguments == arguments, "\(draft.text)")
        }
    }

    private static func object(
        _ depth: Int, _ random: inout SeededGenerator
    ) -> JSONObject {
        var object = JSONObject()
        for _ in 0..<Int.random(in: 0...4, using: &random) {
            var key = text(&random)
            // The one key that the YAML of policies refuses.
            if key == "<<" { key = "x" }
            object[key] = value(depth, &random)
        }
        return object
    }

    private static func value(_ depth: Int, _ random: inout SeededGenerator) -> JSONValue {
        switch Int.random(in: 0...(depth > 0 ? 6 : 4), using: &random) {
        case 0: return .null
        case 1: return .bool(Bool.random(using: &random))
        case 2: return .integer(Int64.random(in: -1000...1000, using: &random))
        case 3, 4: return .string(text(&random))
        case 5: return .object(object(depth - 1, &random))
        default:
            let count = Int.random(in: 0...3, using: &random)
            return .array((0..<count).map { _ in value(depth - 1, &random) })
        }
    }

    private static func text(_ random: inout SeededGenerator) -> String {
        var text = ""
        for _ in 0..<Int.random(in: 0...12, using: &random) {
            let most: UInt32 = Bool.random(using: &random) ? 0x7f : 0x1_0ff0
            let number = UInt32.random(in: 0...most, using: &random)
            if let scalar = Unicode.Scalar(number) { text.unicodeScalars.append(scalar) }
        }
        return text
    }

    @Test func `the same call has one identity, by its RFC 8785 form`() throws {
        let one = try #require(Self.identity(["a": 1, "b": "x"]))
        #expect(Self.identity(["b": "x", "a": 1]) == one)
        #expect(Self.identity(["a": 1, "b": "y"]) != one)
        let text = #"{"agent":"refunds","args":{"a":1,"b":"x"},"call":"billing.refund_request"}"#
        #expect(one.digest == OpenSSLHashing().sha256(Array(text.utf8)))
        let draft = try Self.draft(["a": 1, "b": "x"])
        #expect(
            draft.id.text
                == "incident-billing-refund-request-\(one.digest.hex.prefix(8))")
        let read = try #require(EvalFixture.readCase(draft.text).evalCase)
        #expect(
            CanonicalCall(of: read, agent: EvalFixture.agentName, hashing: OpenSSLHashing()) == one)
        let agent = try #require(EvalFixture.readCase(EvalFixture.agentText("a")).evalCase)
        #expect(
            CanonicalCall(of: agent, agent: EvalFixture.agentName, hashing: OpenSSLHashing()) == nil
        )
    }

    @Test func `a number that has no canonical form has no identity`() {
        let large = JSONNumber(text: "12345678901234567890", double: 1.2345678901234567e19)
        #expect(Self.identity(["a": .number(large)]) == nil)
    }

    @Test func `erased arguments are a placeholder, and only a draft may have one`() throws {
        let draft = try Self.draft(nil)
        #expect(draft.id.text == "incident-billing-refund-request-record-1042")
        #expect(draft.text.contains("\nargs: {}\nmissing: [args]\n"))
        let one = try #require(EvalFixture.readCase(draft.text).evalCase)
        #expect(one.isDraft)
        let confirmed = draft.text.replacing(
            "draft: true", with: #"reviewed: {by: paul@acme.example, on: "2026-11-29"}"#)
        let reading = EvalFixture.readCase(confirmed)
        #expect(reading.evalCase == nil)
        #expect(reading.findings.contains { $0.text.contains("missing: a case without") })
        let unknown = EvalFixture.readCase(
            draft.text.replacing("missing: [args]", with: "missing: [expect]"))
        #expect(unknown.evalCase == nil)
    }

    @Test func `the name of a rule stays in its comment`() throws {
        let draft = try Self.draft([:], rule: "x`\nexpect: allow\u{85}\u{202e}")
        #expect(Self.test(draft)?.expect == .deny)
        #expect(draft.text.split(separator: "\n").filter { $0.hasPrefix("#") }.count == 2)
    }

    @Test func `drafts are left out of the cases that are run`() throws {
        let good = EvalFixture.policyText("good")
        let suite = EvalFixture.valid("", [good, try Self.draft([:]).text])
        #expect(suite.cases.count == 2 && suite.counted.map(\.id.text) == ["good"])
        let counted = try #require(suite.counted.first)
        let outcome = try #require(CaseOutcome(of: counted, trials: 1, passes: 1, reason: nil))
        let score = SuiteScore(
            of: suite, outcomes: [outcome], baseline: nil, errors: [], on: EvalFixture.day
        ) { suite.trials(of: $0) }
        #expect(score.problems.isEmpty && score.verdict() == .pass)
        let draft = try #require(suite.cases.first(where: { $0.isDraft }))
        let drafted = try #require(CaseOutcome(of: draft, trials: 1, passes: 1, reason: nil))
        let both = SuiteScore(
            of: suite, outcomes: [outcome, drafted], baseline: nil, errors: [], on: EvalFixture.day
        ) { suite.trials(of: $0) }
        #expect(both.problems == [.unfitOutcome(draft.id)])
    }
}
