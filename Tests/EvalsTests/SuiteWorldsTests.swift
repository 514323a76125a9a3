import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The fixtures of a suite as lint reads them, and look-alike tools (docs/specs/evals.md, sections 2 and 9).
@Suite(.requirement("R115", "R118", "R120")) struct SuiteWorldsTests {
    private static let now = Timestamp(rfc3339: "2026-11-29T12:00:00Z").unwrapped
    private static let object: JSONObject = ["type": "object"]

    private static func tool(
        _ name: String, _ toolClass: ToolClass = .read, schema: JSONObject? = object
    ) -> LintFacts.Tool {
        LintFacts.Tool(
            ToolAddress(ofCase: name).unwrapped, isConsequential: toolClass != .read,
            schema: schema, toolClass: toolClass)
    }

    private static let plain = [
        tool("billing.get_invoice", schema: nil), tool("billing.refund_request", schema: nil),
        tool("crm.mail", schema: nil),
    ]

    private func lint(
        _ cases: [String], worlds: SuiteWorlds = EvalFixture.worlds(),
        tools: [LintFacts.Tool] = SuiteWorldsTests.plain, tier: Tier = .high
    ) -> SuiteLint {
        let suite = EvalFixture.valid("", cases)
        return SuiteLint(
            suite, facts: LintFacts(tier: tier, now: Self.now, tools: tools), worlds: worlds,
            probes: LintProbes(passes: { $0.passes(suite) }))
    }

    @Test func `a missing fixture is an error at the case that names it`() {
        let none = SuiteWorlds([], patterns: PartPatterns())
        let found = lint([EvalFixture.agentText("a")], worlds: none).errors
        #expect(found.count == 1)
        #expect(
            found[0].text == "cases/0.yaml:7:8 `a`: world: there is no file `fixtures/orders.yaml`")
    }

    @Test func `the errors of a fixture are those of the suite, each once`() {
        let bad = EvalFixture.worlds("interlock_eval: 1\nservers: {a: {}}\n")
        let found = lint([EvalFixture.agentText("a"), EvalFixture.agentText("b")], worlds: bad)
            .errors
        #expect(found.count == 1)
        #expect(found[0].text.hasPrefix("fixtures/orders.yaml:2:14 E202 "), "\(found[0].text)")
        #expect(lint([EvalFixture.agentText("a")]).errors.isEmpty)
    }

    /// An expectation, and a part of the error that its world shows.
    private static let unfit: [(String, String)] = [
        ("{state: [{at: /shop/x, size: 0}]}", "no scripted server `shop`"),
        ("{state: [{at: /billing/note, matches: \"[\"}]}", "invalid pattern: missing ]"),
        ("{calls: {required: [{call: crm.delete}]}}", "has no `crm.delete`"),
    ]

    @Test(arguments: unfit)
    func `a check that the world cannot meet is an error`(_ expect: String, _ part: String) {
        let tools = Self.plain + [Self.tool("crm.delete")]
        let found = lint([EvalFixture.agentText("a", expect: expect)], tools: tools).errors
        #expect(found.count == 1 && found.first?.text.contains(part) == true, "\(found)")
    }

    @Test func `a real server has the tools that it has, and no state that is checked`() {
        let real = EvalFixture.worlds("interlock_eval: 1\nservers: {billing: {command: [x]}}\n")
        #expect(lint([EvalFixture.agentText("a")], worlds: real).errors.isEmpty)
        let state = EvalFixture.agentText("a", expect: "{state: [{at: /billing/x, size: 0}]}")
        #expect(lint([state], worlds: real).errors.count == 1)
    }

    /// Two tools that an agent can reach, and whether they look alike.
    private static let twins: [([LintFacts.Tool], Bool)] = [
        ([tool("a.close_order"), tool("a.close_orders", .destructive)], true),
        ([tool("a.close_order"), tool("a.close_orders")], false),
        ([tool("a.search"), tool("b.search")], true),
        ([tool("a.close_order"), tool("a.delete_order", .destructive)], false),
        ([tool("a.close_order"), tool("a.close_orders", .destructive, schema: ["x": 1])], false),
        ([tool("a.search", schema: nil), tool("b.search", schema: nil)], false),
    ]

    @Test(arguments: twins)
    func `tools look alike by near names, one schema and another effect`(
        _ tools: [LintFacts.Tool], _ areAlike: Bool
    ) {
        #expect(LookAlikes(tools).pairs.isEmpty != areAlike)
        #expect(LookAlikes(tools.reversed()).pairs.isEmpty != areAlike)
    }

    @Test func `an ambiguous case needs look-alikes in its fixture, if the agent can reach some`() {
        let tools = [
            Self.tool("billing.get_invoice", schema: nil), Self.tool("crm.mail"),
            Self.tool("crm.mails", .write),
        ]
        let one = EvalFixture.agentText("a", "ambiguous", expect: "{calls: {order: [crm.mail]}}")
        let alone = lint([one], tools: tools)
        let flag = alone.flags.first { $0.flag == .noAmbiguousCase }
        #expect(flag?.about == ["crm.mail and crm.mails"] && flag?.isWarning == false)
        let both = EvalFixture.worlds(
            EvalFixture.world.replacing(
                "mail: {answer: {text: sent}}",
                with: "mail: {answer: {text: sent}}\n      mails: {answer: {text: sent to all}}"))
        #expect(!lint([one], worlds: both, tools: tools).codes.contains("T03"))
        #expect(!lint([one]).codes.contains("T03"), "no tools look alike")
        // Policy cases suffice at tier low, if they call one of the tools.
        let policy = EvalFixture.policyText("p", "ambiguous", call: "crm.mails")
        #expect(!lint([policy], tools: tools, tier: .low).codes.contains("T03"))
        #expect(lint([policy], tools: tools, tier: .medium).codes.contains("T03"))
        let other = EvalFixture.policyText("p", "ambiguous", call: "billing.get_invoice")
        #expect(lint([other], tools: tools, tier: .low).codes.contains("T03"))
    }
}
