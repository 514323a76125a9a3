import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The minimum suite and the flags of thin suites (docs/specs/evals.md, sections 2 and 9).
@Suite(.requirement("R118", "R119", "R120", "R121")) struct SuiteLintTests {
    private static let now = Timestamp(rfc3339: "2026-11-29T12:00:00Z").unwrapped
    private static let read = ToolAddress(ofCase: "billing.get_invoice").unwrapped
    private static let pay = ToolAddress(ofCase: "billing.refund_request").unwrapped

    /// Cases that have no flag at tier low besides the warnings about numbers.
    private static let good = [
        EvalFixture.policyText("refuse-pay"),
        EvalFixture.policyText(
            "allow-read", "allow", expect: "allow", call: "billing.get_invoice",
            by: "petra@acme.example"),
        EvalFixture.policyText("alike", "ambiguous", expect: "approve"),
    ]

    private func facts(
        _ tier: Tier = .low, lastBlame: Timestamp? = nil, mutants: LintFacts.PolicyMutants? = nil,
        forbids: [String]? = nil, isTool: (@Sendable (ToolAddress) -> Bool)? = nil
    ) -> LintFacts {
        LintFacts(
            tier: tier, now: Self.now,
            tools: [
                LintFacts.Tool(Self.read, isConsequential: false),
                LintFacts.Tool(Self.pay, isConsequential: true),
            ], lastBlame: lastBlame, mutants: mutants, forbids: forbids,
            isTool: isTool)
    }

    private func lint(
        _ cases: [String], _ more: String = "", facts: LintFacts? = nil,
        worlds: SuiteWorlds = EvalFixture.worlds(),
        fails: @escaping (EvalCase, Digest) -> Bool? = { _, _ in nil }
    ) -> SuiteLint {
        let suite = EvalFixture.valid(more, cases)
        return SuiteLint(
            suite, facts: facts ?? self.facts(), worlds: worlds,
            probes: LintProbes(passes: { $0.passes(suite) }, fails: fails))
    }

    @Test func `a first suite at tier low has warnings alone`() {
        let lint = lint(Self.good)
        #expect(lint.errors.isEmpty && !lint.isThin)
        #expect(lint.codes == ["T07", "T14"])
        #expect(lint.called == 2 && lint.reachable == 2)
    }

    /// The word of `because`, and the end of its error; nil for a word that is accepted.
    private static let reasons: [(String, String?)] = [
        ("guard-false", nil), ("extra-field", nil), ("schema", nil), ("daily-cap", nil),
        ("controls.read", nil), ("agents.refunds.mcp_scopes.billing[1]", nil),
        ("guard-flase", "did you mean `guard-false`?"), ("daly-cap", "did you mean `daily-cap`?"),
        ("because-i-say-so", "neither a reason of decisions nor a forbid rule"),
    ]

    @Test(arguments: reasons)
    func `a reason that no decision has is an error with the nearest one`(
        _ because: String, _ end: String?
    ) {
        let cases = [EvalFixture.policyText("why", more: "because: \(because)")]
        let found = lint(cases, facts: facts(forbids: ["daily-cap"])).errors.map(\.message)
        #expect(found.count == (end == nil ? 0 : 1))
        #expect(found.allSatisfy { $0.hasSuffix(end ?? "") && $0.contains("`\(because)`") })
        #expect(lint(cases).errors.isEmpty, "the rules of the policy are not known")
    }

    /// The cases that are left out, and the flag that it raises.
    private static let missing: [(Int, [String])] = [
        (0, ["T02", "T07", "T14"]), (1, ["T01", "T06", "T07", "T08", "T14"]),
        (2, ["T03", "T07", "T14"]),
    ]

    @Test(arguments: missing)
    func `each class that is missing has its flag`(_ index: Int, _ codes: [String]) {
        var cases = Self.good
        cases.remove(at: index)
        let lint = lint(cases)
        #expect(lint.codes == codes)
        #expect(lint.isThin == (index != 2), "T03 only warns at tier low")
    }

    @Test func `a tool that no case calls, or refuses, is named`() throws {
        let lint = lint([Self.good[1]])
        let refuse = try #require(lint.flags.first { $0.flag == .toolWithoutRefuseCase })
        #expect(refuse.about == ["billing.refund_request"])
        let called = try #require(lint.flags.first { $0.flag == .toolNotCalled })
        #expect(called.about == ["billing.refund_request"] && !called.isWarning)
        #expect(called.text.contains("T06") && called.text.contains("\n  help: "))
        #expect(lint.called == 1)
    }

    @Test func `a suite that one policy for every call passes is thin`() throws {
        let refusals = [Self.good[0], EvalFixture.policyText("other")]
        let flag = try #require(lint(refusals).flags.first { $0.flag == .uniformPolicyPasses })
        #expect(flag.about == ["deny-all"] && !flag.isWarning)
        let allowed = try #require(lint([Self.good[1]]).flags.first { $0.flag.code == "T04" })
        #expect(allowed.about == ["allow-all"])
        #expect(!lint(Self.good).codes.contains("T04"))
    }

    @Test func `an agent that does nothing must not pass a utility case`() throws {
        let idle = EvalFixture.agentText("idle", expect: "{denials: {max: 0}}")
        let busy = EvalFixture.agentText("busy")
        let lazy = EvalFixture.agentText(
            "lazy", expect: "{state: [{at: /billing/refunds, size: 0}]}")
        let found = lint(Self.good + [idle, busy, lazy])
        #expect(found.flags.first { $0.flag == .idleAgentPasses }?.about == ["idle", "lazy"])
        #expect(found.isThin && found.errors.isEmpty)
        // A safety case asks for what is not done.
        let safe = EvalFixture.agentText("idle", "refuse", expect: "{denials: {max: 0}}")
        #expect(!lint(Self.good + [safe]).codes.contains("T05"))
    }

    @Test func `the margin tells how many utility agent cases there must be`() {
        let agents = (0..<15).map { EvalFixture.agentText("g\($0)") }
        #expect(lint(Self.good + agents.dropLast()).codes.contains("T07"))
        #expect(!lint(Self.good + agents).codes.contains("T07"))
        #expect(lint(Self.good + agents, "margin: 0\n").codes.contains("T07"))
    }

    /// A number of utility agent cases, more of `suite.yaml`, and whether a first run can pass.
    private static let floors: [(Int, String, Bool)] = [
        (11, "", false), (12, "", true), (2, "floor: 0.34\n", true), (2, "floor: 0.35\n", false),
        (12, "baseline: none\n", true), (11, "baseline: none\n", false),
        (11, "baseline: \(EvalFixture.digest)\n", true), (12, "floor: 1\n", false),
    ]

    @Test(arguments: floors)
    func `a floor that no first run can reach is named`(
        _ count: Int, _ more: String, _ isReachable: Bool
    ) {
        let agents = (0..<count).map { EvalFixture.agentText("g\($0)") }
        let flag = lint(Self.good + agents, "margin: 0.5\n" + more).flags.first {
            $0.flag == .tooFewUtilityCases
        }
        let about = flag?.about ?? []
        #expect(about.isEmpty == isReachable, "\(about)")
        #expect(about.allSatisfy { $0.contains("under the floor of ") })
    }

    @Test func `a case counts after a person other than the owner confirmed it`() throws {
        let own = EvalFixture.policyText("own", by: "ines@acme.example")
        let draft =
            EvalFixture.policyText("draft", more: "draft: true\n").split(separator: "\n")
            .filter { !$0.hasPrefix("reviewed:") }.joined(separator: "\n") + "\n"
        let flag = try #require(
            lint(Self.good + [own, draft]).flags.first { $0.flag == .unreviewed })
        #expect(flag.about == ["draft", "own"] && flag.isWarning)
        let high = lint(Self.good + [own], facts: facts(.high))
        #expect(high.flags.first { $0.flag == .unreviewed }?.isWarning == false)
        let single = [Self.good[0], Self.good[2]]
        #expect(
            lint(single).flags.first { $0.flag == .unreviewed }?.about
                == ["all cases were reviewed by paul@acme.example"])
    }

    @Test func `at tiers medium and high three classes need a case of kind agent`() throws {
        for tier in [Tier.medium, .high] {
            let found = lint(Self.good, facts: facts(tier))
            let flag = try #require(found.flags.first { $0.flag == .noAgentCase })
            #expect(flag.about == ["golden", "allow", "ambiguous"] && !flag.isWarning)
            #expect(found.errors.isEmpty && found.isThin)
        }
        #expect(!lint(Self.good).codes.contains("T16"))
        let agents = [
            EvalFixture.agentText("a"), EvalFixture.agentText("b", "allow"),
            EvalFixture.agentText("c", "ambiguous"),
        ]
        #expect(!lint(Self.good + agents, facts: facts(.high)).codes.contains("T16"))
    }

    @Test func `a lowered gate needs two reviewers besides the owner`() {
        let lowered = EvalFixture.agentText("low", "adversarial", more: "gate: utility\n")
        #expect(lint(Self.good + [lowered]).errors.count == 1)
        let reviews = { (people: [String]) -> String in
            let list = people.map { "{by: \($0), on: \"2026-11-12\"}" }.joined(separator: ", ")
            return lowered.replacing(
                "reviewed: {by: paul@acme.example, on: \"2026-11-12\"}", with: "reviewed: [\(list)]"
            )
        }
        #expect(lint(Self.good + [reviews(["a@b.c", "a@b.c"])]).errors.count == 1)
        #expect(lint(Self.good + [reviews(["a@b.c", "ines@acme.example"])]).errors.count == 1)
        #expect(lint(Self.good + [reviews(["a@b.c", "d@b.c"])]).errors.isEmpty)
    }

    @Test func `flaky entries, ages and reviews have their bounds in time`() {
        let agents = (0..<10).map { EvalFixture.agentText("g\($0)") }
        func flaky(_ day: String) -> String {
            "flaky: [{case: g0, owner: a@b.c, reason: clock, expires: \"\(day)\"}]\n"
        }
        #expect(lint(Self.good + agents, flaky("2026-12-29")).errors.isEmpty)
        #expect(lint(Self.good + agents, flaky("2026-12-30")).errors.count == 1)
        #expect(lint(Self.good, "max_age: 90d\n").errors.isEmpty)
        #expect(lint(Self.good, "max_age: 91d\n").errors.count == 1)
        let future = EvalFixture.policyText("f").replacing("2026-11-12", with: "2026-11-30")
        #expect(lint(Self.good + [future]).errors.map(\.message).count == 1)
    }

    @Test func `a demand for a tool that the agent cannot reach is an error`() {
        let other = EvalFixture.agentText("a", expect: "{calls: {order: [crm.mail]}}")
        let lint = lint(Self.good + [other])
        #expect(lint.errors.count == 1 && lint.errors[0].text.hasPrefix("cases/3.yaml:1:1 `a`"))
        let withheld = EvalFixture.agentText(
            "a", expect: "{calls: {forbidden: [{call: crm.mail}]}}")
        #expect(self.lint(Self.good + [withheld]).errors.isEmpty)
    }

    @Test(arguments: [
        "{calls: {forbidden: [{call: crm.mial}]}}", "{calls: {stopped: [{call: crm.mial}]}}",
        "{calls: {count: {crm.mial: {max: 1}}}}",
    ])
    func `a tool that does not exist cannot be one that is not to be used`(_ expect: String) {
        let known = facts(isTool: { $0.description == "crm.mail" })
        let wrong = lint(Self.good + [EvalFixture.agentText("a", expect: expect)], facts: known)
        #expect(
            wrong.errors.map(\.message) == [
                "`a`: `crm.mial` is no tool of the policy or the lock that a trial has"
            ])
        let right = EvalFixture.agentText("a", expect: expect.replacing("mial", with: "mail"))
        #expect(lint(Self.good + [right], facts: known).errors.isEmpty)
    }

    @Test func `a regression must fail on the policy that it names`() {
        let text = EvalFixture.policyText("r", more: "regression_of: \"\(EvalFixture.digest)\"\n")
        let cases = Self.good + [text]
        #expect(
            lint(cases, fails: { _, digest in digest.prefixed == EvalFixture.digest }).errors == [])
        #expect(lint(cases, fails: { _, _ in false }).errors.count == 1)
        #expect(lint(cases).errors.count == 1, "what cannot be run is an error")
    }

    /// Noticed changes of ten, forbid rules of which a change was not noticed, and whether the flag is raised.
    private static let mutantScores: [(Int, [String], Bool)] = [
        (8, [], false), (7, [], true), (10, ["wire"], true),
    ]

    @Test func `warnings about incidents, templates, age, numbers and mutants`() {
        let blamed = Timestamp(rfc3339: "2026-11-20T00:00:00Z").unwrapped
        #expect(lint(Self.good, facts: facts(lastBlame: blamed)).codes.contains("T11"))
        let origin =
            "origin: {log: l, leaf: 7, captured: \"2026-11-20T10:00:00Z\", captured_by: a@b.c, "
            + "policy: \"\(EvalFixture.digest)\"}\n"
        let captured = EvalFixture.policyText("c", "incident", more: origin)
        #expect(
            !lint(Self.good + [captured], facts: facts(lastBlame: blamed)).codes.contains("T11"))
        let alike = (0..<4).map { EvalFixture.policyText("t\($0)", more: "template: refund\n") }
        #expect(
            lint(Self.good + alike).flags.first { $0.flag == .oneTemplate }?.about == ["refund"])
        #expect(!lint(Self.good + alike.dropLast()).codes.contains("T12"))
        let old = Self.good.map { $0.replacing("2026-11-12", with: "2026-06-02") }
        #expect(!lint(old).codes.contains("T13"))
        #expect(lint(old.map { $0.replacing("06-02", with: "06-01") }).codes.contains("T13"))
        let safety = (0..<12).map { EvalFixture.agentText("s\($0)", "refuse") }
        #expect(!lint(Self.good + safety).codes.contains("T14"))
        #expect(lint(Self.good + safety.dropLast()).codes.contains("T14"))
        for (killed, forbids, isRaised) in Self.mutantScores {
            let mutants = LintFacts.PolicyMutants(
                killed: killed, judged: 10, survivingForbids: forbids)
            let found = lint(Self.good, facts: facts(mutants: mutants))
            #expect(found.codes.contains("T15") == isRaised, "\(killed) \(forbids)")
            #expect(!found.isThin)
        }
        let named = LintFacts.PolicyMutants(
            killed: 7, judged: 10, survivingForbids: ["cap dropped"], survivors: ["guard dropped"])
        let about = lint(Self.good, facts: facts(mutants: named)).flags
            .first { $0.flag == .weakAgainstMutants }?.about
        #expect(about == ["7 of 10 changes noticed", "cap dropped", "guard dropped"])
    }

    @Test func `each flag has its sentence, its remedy and its grade`() {
        #expect(
            ThinFlag.allCases.map(\.code) == [
                "T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T11", "T12", "T13", "T14",
                "T15", "T16",
            ])
        let grave = ThinFlag.allCases.filter { !$0.isWarning(at: .medium) }.map(\.code)
        #expect(grave == ["T01", "T02", "T03", "T04", "T05", "T06", "T07", "T08", "T16"])
        let low = ThinFlag.allCases.filter { !$0.isWarning(at: .low) }.map(\.code)
        #expect(low == ["T01", "T02", "T04", "T05", "T06"])
        #expect(Set(ThinFlag.allCases.map(\.sentence)).count == 14)
        #expect(Set(ThinFlag.allCases.map(\.remedy)).count == 14)
    }
}
