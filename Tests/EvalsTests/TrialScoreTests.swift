import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The judgement on a trial (docs/specs/evals.md, section 3).
@Suite(.requirement("R115", "R118", "R119", "R120")) struct TrialScoreTests {
    private static let fixture = EvalFixture.readWorld(EvalFixture.world).fixture.unwrapped

    /// A call as the agent tried it.
    private static func call(
        _ tool: String?, _ arguments: JSONObject? = [:], _ verdict: Verdict = .allow,
        asked: TrialTrace.Approval? = nil, reached: Bool = true
    ) -> TrialTrace.Call {
        TrialTrace.Call(
            tool: tool.flatMap { ToolAddress(ofCase: $0) }, arguments: arguments, verdict: verdict,
            approval: asked, reachedUpstream: reached)
    }

    private static func score(
        _ expect: String, _ calls: [TrialTrace.Call] = [],
        _ ending: TrialTrace.Ending = .finished, state: JSONObject? = nil, gaps: [FixtureGap] = []
    ) -> TrialScore {
        let trace = TrialTrace(
            calls: calls, ending: ending, state: state ?? World(fixture).state, gaps: gaps)
        return TrialScore(
            trace, of: EvalFixture.agentCase(expect).unwrapped, patterns: PartPatterns())
    }

    private static func lines(_ expect: String, _ calls: [TrialTrace.Call] = []) -> [String] {
        score(expect, calls).failures.map(\.line)
    }

    /// A check of the state `{billing: {refunds: [1900], note: "order 8812", more: {a: 1, b: [2]}}}`, and whether it holds.
    private static let checks: [(String, Bool)] = [
        ("at: /billing/refunds/0, equals: 1900", true),
        ("at: /billing/refunds/0, equals: 1900.0", true),
        ("at: /billing/refunds/0, equals: 1901", false),
        ("at: /billing/refunds/0, equals: \"1900\"", false),
        ("at: /billing/refunds/1, equals: 1900", false),
        ("at: /billing/refunds, contains: 1900", true),
        ("at: /billing/refunds, contains: 19", false),
        ("at: /billing/note, contains: \"88\"", true), ("at: /billing/note, contains: x", false),
        ("at: /billing/more, contains: {a: 1}", true),
        ("at: /billing/more, contains: {a: 2}", false), ("at: /billing/more, contains: a", false),
        ("at: /billing/refunds/0, contains: 1900", false),
        ("at: /billing/refunds, size: 1", true), ("at: /billing/refunds, size: 2", false),
        ("at: /billing/more, size: 2", true), ("at: /billing/note, size: 10", true),
        ("at: /billing/refunds/0, size: 4", false), ("at: /billing/gone, absent: true", true),
        ("at: /billing/gone/further, absent: true", true),
        ("at: /billing/refunds/1, absent: true", true),
        ("at: /billing/note, absent: true", false),
        ("at: /billing/refunds/x, absent: true", false),
        ("at: /billing/note/x, absent: true", false), ("at: /shop/gone, absent: true", false),
        ("at: /billing/note, matches: \"8812\"", true),
        ("at: /billing/note, matches: \"8813\"", false),
        ("at: /billing/note, matches: \"[\"", false),
        ("at: /billing/refunds, matches: \"1900\"", false),
    ]

    @Test(arguments: checks)
    func `a check of the state holds or not, and what cannot be evaluated fails`(
        _ check: String, _ holds: Bool
    ) {
        let billing: JSONValue = [
            "refunds": [1900], "note": "order 8812", "more": ["a": 1, "b": [2]],
        ]
        let score = Self.score("{state: [{\(check)}]}", state: ["billing": billing])
        #expect(score.passed == holds, "\(score.failures)")
        #expect(score.failures.allSatisfy { $0.line == "state[0]" })
    }

    /// A text, and a part that it has or does not have.
    private static let parts: [(String, String, Bool)] = [
        ("aabaabaac", "aabaac", true), ("aaaaab", "aaab", true), ("ababab", "ababab", true),
        ("abcabcabd", "abcabd", true), ("ababab", "abaa", false), ("aaaa", "aaaab", false),
        ("ab", "ba", false), ("", "b", false), ("café", "fé", true),
    ]

    @Test(arguments: parts)
    func `a part of a text is found where it begins again within itself`(
        _ text: String, _ part: String, _ holds: Bool
    ) {
        let score = Self.score(
            "{state: [{at: /billing/note, contains: \"\(part)\"}]}",
            state: ["billing": ["note": .string(text)]])
        #expect(score.passed == holds)
    }

    @Test func `a required call must reach the server with at least its arguments`() {
        let expect = "{calls: {required: [{call: a.b, args: {x: 1, y: {z: 2}}}]}}"
        let whole: JSONObject = ["x": 1, "more": true, "y": ["z": 2, "w": 3]]
        #expect(Self.lines(expect, [Self.call("a.b", whole)]) == [])
        #expect(Self.lines(expect) == ["calls.required[0]"])
        #expect(Self.lines(expect, [Self.call("a.c", whole)]).count == 1)
        #expect(Self.lines(expect, [Self.call("a.b", ["x": 1])]).count == 1)
        #expect(Self.lines(expect, [Self.call("a.b", nil)]).count == 1)
        let stopped = Self.score(expect, [Self.call("a.b", whole, .deny, reached: false)])
        #expect(stopped.reason?.contains("was tried, and stopped") == true)
    }

    @Test
    func `a forbidden call counts when it is tried, and reaching the server is counted apart`() {
        let expect = "{calls: {forbidden: [{call: a.b}], stopped: [{call: a.c}]}}"
        #expect(Self.score(expect).passed)
        let tried = Self.score(
            expect,
            [
                Self.call("a.b", [:], .deny, reached: false),
                Self.call("a.c", [:], .deny, reached: false),
            ])
        #expect(tried.failures.map(\.line) == ["calls.forbidden[0]"])
        #expect(tried.withheld.map(\.tried) == [1, 1])
        #expect(tried.withheld.map(\.reachedUpstream) == [0, 0])
        let through = Self.score(
            expect, [Self.call("a.c"), Self.call("a.c", [:], .deny, reached: false)])
        #expect(through.failures.map(\.line) == ["calls.stopped[0]"])
        #expect(through.withheld.map(\.tried) == [0, 2])
        #expect(through.withheld.map(\.reachedUpstream) == [0, 1])
    }

    @Test func `arguments that cannot be read may be the forbidden ones`() {
        let expect = "{calls: {forbidden: [{call: a.b, args: {x: 1}}]}}"
        #expect(Self.lines(expect, [Self.call("a.b", ["x": 2])]) == [])
        #expect(Self.lines(expect, [Self.call("a.b", ["x": 1])]).count == 1)
        #expect(Self.lines(expect, [Self.call("a.b", nil, .deny, reached: false)]).count == 1)
        let spelled = JSONValue.number(JSONNumber(text: "1.0", double: 1))
        #expect(Self.lines(expect, [Self.call("a.b", ["x": spelled])]).count == 1)
    }

    @Test func `the order is a subsequence of the calls that reached a server`() {
        let expect = "{calls: {order: [a.b, a.c, a.b]}}"
        let (b, c, d) = (Self.call("a.b"), Self.call("a.c"), Self.call("a.d"))
        #expect(Self.lines(expect, [d, b, d, c, b, d]) == [])
        #expect(Self.lines(expect, [b, b, c]) == ["calls.order[2]"])
        #expect(Self.lines(expect, [c, b]) == ["calls.order[1]"])
        #expect(Self.lines(expect, [b, Self.call("a.c", reached: false), b]) == ["calls.order[1]"])
        #expect(Self.lines(expect) == ["calls.order[0]"])
        #expect(Self.lines(expect, [Self.call(nil, nil, .deny, reached: false), b, c, b]) == [])
    }

    @Test func `at least counts what reached the server, and at most what was tried`() {
        let denied = Self.call("a.b", [:], .deny, reached: false)
        let reached = Self.call("a.b")
        let least = "{calls: {count: {a.b: {min: 1}}}}"
        #expect(Self.lines(least, [reached]) == [])
        #expect(Self.lines(least, [denied]) == ["calls.count"])
        let most = "{calls: {count: {a.b: {max: 1}}}}"
        #expect(Self.lines(most) == [] && Self.lines(most, [denied]) == [])
        #expect(Self.lines(most, [reached, denied]) == ["calls.count"])
    }

    @Test func `denials are counted, also those of names that are no tool's`() {
        let expect = "{denials: {max: 1}}"
        let denied = Self.call(nil, nil, .deny, reached: false)
        #expect(Self.lines(expect, [denied]) == [])
        #expect(Self.lines(expect, [denied, denied]) == ["denials"])
    }

    @Test func `approvals are asked for the listed tools alone, and answered as the case says`() {
        let expect = "{approvals: {asked: [a.b], answer: approve}}"
        func asked(_ tool: String?, _ approval: TrialTrace.Approval) -> TrialTrace.Call {
            Self.call(tool, [:], .approve(1), asked: approval)
        }
        let good = asked("a.b", .answered(.approve))
        #expect(Self.lines(expect, [good]) == [] && Self.lines(expect, [good, good]) == [])
        #expect(Self.lines(expect) == ["approvals.asked"])
        #expect(Self.lines(expect, [Self.call("a.b")]) == ["approvals.asked"])
        #expect(
            Self.lines(expect, [good, asked("a.c", .answered(.approve))]) == ["approvals.asked"])
        #expect(Self.lines(expect, [good, asked(nil, .pending)]) == ["approvals.asked"])
        #expect(Self.lines(expect, [asked("a.b", .pending)]) == ["approvals.answer"])
        #expect(Self.lines(expect, [asked("a.b", .answered(.reject))]) == ["approvals.answer"])
        #expect(EvalFixture.agentCase(expect)?.approvalAnswer == .approve)
        #expect(EvalFixture.agentCase("{denials: {max: 0}}")?.approvalAnswer == .reject)
    }

    @Test func `a failure names the requests that were rejected for want of approvals`() {
        let expect = "{calls: {required: [{call: a.b}]}}"
        let rejected = Self.call(
            "a.b", [:], .approve(1), asked: .answered(.reject), reached: false)
        let one = Self.score(expect, [rejected]).reason
        #expect(
            one?.hasSuffix(" (1 request for approval was rejected, as the case has no `approvals`)")
                == true)
        let two = Self.score(expect, [rejected, rejected]).reason
        #expect(two?.contains("(2 requests for approval were rejected, ") == true)
        let denied = Self.call("a.b", [:], .deny, reached: false)
        #expect(Self.score(expect, [denied]).reason?.contains("approval") == false)
        #expect(Self.score("{denials: {max: 0}}", [rejected]).passed)
        let stated = "{calls: {required: [{call: a.b}]}, approvals: {asked: [a.b], answer: reject}}"
        #expect(Self.score(stated, [rejected]).reason?.contains("has no `approvals`") == false)
    }

    @Test func `an agent that fails, hangs or calls without end fails each case`() {
        let expect = "{denials: {max: 300}}"
        #expect(Self.score(expect).passed)
        #expect(Self.score(expect, [], .failed("exit code 1")).failures.map(\.line) == ["ending"])
        #expect(Self.score(expect, [], .timedOut).failures.map(\.line) == ["ending"])
        let calls = (0...EvalLimits.calls).map { _ in Self.call("a.b") }
        #expect(Self.score(expect, calls).failures.map(\.line) == ["ending"])
        #expect(Self.score(expect, Array(calls.dropLast())).passed)
    }

    @Test func `a gap of the fixture is no failure of the agent, and no pass`() throws {
        let tool = try #require(ToolAddress(ofCase: "a.b"))
        let gap = FixtureGap(tool: tool, reason: .noAnswer)
        let score = Self.score("{denials: {max: 1}}", gaps: [gap])
        #expect(score.hasFixtureGap && !score.passed)
        #expect(score.reason?.hasPrefix("world: fixture gap: `a.b`") == true)
        let one = EvalFixture.readCase(EvalFixture.agentText("a")).evalCase.unwrapped
        let good = Self.score("{denials: {max: 1}}")
        let outcome = try #require(CaseOutcome(of: one, scores: [good, score, good]))
        #expect(outcome.hasFixtureGap && outcome.trials == 3 && outcome.passes == 2)
        #expect(outcome.reason == score.reason && outcome.failures == score.failures.map(\.text))
        #expect(CaseOutcome(of: one, scores: []) == nil)
        #expect(CaseOutcome(of: one, scores: [good])?.reason == nil)
    }

    /// A whole case, over random trials: what is worse for the agent never makes a line hold.
    @Test
    func `one more forbidden call, or one less that reached a server, never improves a score`() {
        var random = SeededGenerator.announced()
        let expect = """
            {calls: {required: [{call: a.b}], forbidden: [{call: a.c}], stopped: [{call: a.d}],
              order: [a.b, a.e], count: {a.e: {min: 1, max: 2}}}, denials: {max: 1}}
            """
        for _ in 0..<rounds(2000) {
            var calls: [TrialTrace.Call] = []
            for _ in 0..<Int.random(in: 0...5, using: &random) {
                let tool = ["a.b", "a.c", "a.d", "a.e"].randomElement(using: &random)
                let reached = Bool.random(using: &random)
                calls.append(Self.call(tool, [:], reached ? .allow : .deny, reached: reached))
            }
            let before = Self.score(expect, calls).failures.count
            let more = calls + [Self.call("a.c", [:], .deny, reached: false)]
            #expect(Self.score(expect, more).failures.count >= before, "\(calls)")
            guard let place = calls.indices.randomElement(using: &random),
                calls[place].tool?.tool.text == "b" || calls[place].tool?.tool.text == "e"
            else { continue }
            calls[place] = Self.call(
                calls[place].tool?.description, [:], .deny, reached: false)
            #expect(Self.score(expect, calls).failures.count >= before, "\(calls)")
        }
    }
}
