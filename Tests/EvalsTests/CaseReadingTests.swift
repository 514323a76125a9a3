import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The format of cases (docs/specs/evals.md, section 2).
@Suite(.requirement("R115", "R118", "R119", "R120")) struct CaseReadingTests {
    private func findings(_ text: String) -> [String] {
        EvalFixture.readCase(text).findings.map(\.text)
    }

    @Test func `a policy case has the keys of a policy test, and the agent of its suite`() throws {
        let text = EvalFixture.policyText(
            "refund-over-cap", more: "because: guard-false\nobligations: []\ntainted: true\n")
        let one = try #require(EvalFixture.readCase(text).evalCase)
        #expect(one.id.text == "refund-over-cap")
        #expect(one.caseClass == .refuse && one.gate == .safety && one.kind == .policy)
        #expect(one.reviews.map(\.by.address) == ["paul@acme.example"])
        guard case .policy(let policy) = one.body else {
            Issue.record("not a policy case")
            return
        }
        #expect(policy.call.description == "billing.refund_request")
        #expect(policy.test.agent.value == "refunds" && policy.test.name == "refund-over-cap")
        #expect(policy.test.expect == .deny && policy.test.because == "guard-false")
        #expect(policy.test.level == .untrusted && policy.test.obligations == [])
        #expect(policy.test.arguments["amount_cents"]?.integer == 50001)
        #expect(policy.mutations == MutationKind.allCases)
    }

    @Test func `an agent case is read whole`() throws {
        let expect = """

              state: [{at: /billing/refunds/0/amount_cents, equals: 1900}, {at: /billing/refunds, size: 1}]
              calls:
                required: [{call: billing.get_invoice}, {call: billing.refund_request, args: {amount_cents: 1900}}]
                forbidden: [{call: crm.send_customer_email}]
                stopped: [{call: crm.delete}]
                order: [billing.get_invoice, billing.refund_request]
                count: {billing.refund_request: {max: 1}, billing.get_invoice: {min: 1}}
              denials: {max: 0}
              approvals: {asked: [billing.refund_request], answer: approve}
            """
        let reading = EvalFixture.readCase(EvalFixture.agentText("whole", expect: expect))
        #expect(reading.findings.map(\.text) == [])
        let one = try #require(reading.evalCase)
        guard case .agent(let agent) = one.body else {
            Issue.record("not an agent case")
            return
        }
        #expect(one.gate == .utility)
        #expect(agent.state.map(\.condition) == [.equals(1900), .size(1)])
        #expect(agent.calls.required[1].arguments?["amount_cents"] == 1900)
        #expect(agent.withheld.map(\.description) == ["crm.send_customer_email", "crm.delete"])
        #expect(agent.calls.order.count == 2 && agent.mostDenials == 0)
        #expect(agent.calls.counts.map(\.most) == [1, nil])
        #expect(agent.approvals?.answer == .approve)
        #expect(!agent.demandsNothing && agent.callCount == 9)
    }

    @Test func `an unknown key names its place and the nearest key`() {
        let found = findings(EvalFixture.policyText("a", more: "becuase: guard-false\n"))
        #expect(found.count == 1)
        #expect(found.first?.hasPrefix("case.yaml:10:1 E201 `becuase` is not a key of") == true)
        #expect(found.first?.hasSuffix("did you mean `because`?") == true)
        #expect(findings(EvalFixture.agentText("a", more: "call: a.b\n")).count == 1)
        #expect(findings(EvalFixture.agentText("a", more: "mutate: all\n")).count == 1)
        #expect(findings(EvalFixture.agentText("a", expect: "{sate: []}")).count == 1)
    }

    @Test(arguments: ["state: []", "calls: {}", "denials: {max: 0}", "approvals: {}"])
    func `a key of expect beside it is an error that says where it belongs`(_ key: String) {
        let found = findings(EvalFixture.agentText("a", more: key + "\n"))
        #expect(found.count == 1)
        #expect(found.first?.contains(" E201 ") == true)
        #expect(
            found.first?.hasSuffix("it is a key of `expect`: indent it below that") == true)
        let policy = findings(EvalFixture.policyText("a", more: key + "\n"))
        #expect(policy.allSatisfy { !$0.contains("a key of `expect`") })
    }

    /// A rest of a policy case, and the code of its finding.
    private static let badPolicyKeys: [(String, String)] = [
        ("gate: none\n", "E203"), ("mutate: [all, case]\n", "E202"), ("mutate: []\n", "E202"),
        ("mutate: letters\n", "E203"), ("agent: other\n", "E211"), ("draft: true\n", "E202"),
        ("regression_of: sha256:ab\n", "E203"), ("name: x\n", "E201"), ("request: x\n", "E201"),
        ("id: a\n", "E108"), ("counters: {x: -1}\n", "E205"), ("template:\n", "E202"),
        ("template: a b\n", "E214"),
        ("origin: {log: l, leaf: 1, captured_by: a@b.c, policy: x}\n", "E204"),
        (
            "origin: {log: l, leaf: 1, captured: \"2026-11-20T10:00:00Z\", captured_by: a@b.c, "
                + "policy: x}\n", "E203"
        ),
        ("stage: top\n", "E211"), ("x: &a 1\n", "E103"), ("x: !t 1\n", "E104"),
    ]

    @Test(arguments: badPolicyKeys)
    func `what a policy case cannot have is refused`(_ more: String, _ code: String) {
        let reading = EvalFixture.readCase(EvalFixture.policyText("a", more: more))
        #expect(reading.evalCase == nil)
        #expect(reading.findings.contains { $0.code.rawValue == code }, "\(reading.findings)")
    }

    /// An expectation of an agent case that is refused.
    private static let badExpectations = [
        "{}", "{calls: {}}", "{state: [{at: /a}]}", "{state: [{at: a, equals: 1}]}",
        "{state: [{at: \"\", size: 1}]}", "{state: [{at: /~2, size: 1}]}",
        "{state: [{at: /a, equals: 1, size: 1}]}",
        "{state: [{at: /a, absent: false}]}", "{state: [{at: /a, matches: \"\"}]}",
        "{calls: {required: [{call: lonely}]}}", "{calls: {required: [{call: a.b, args: 1}]}}",
        "{calls: {count: {a.b: {}}}}", "{calls: {count: {a.b: {min: 2, max: 1}}}}",
        "{denials: {}}", "{denials: {max: -1}}", "{approvals: {asked: [a.b], answer: perhaps}}",
        "{approvals: {answer: approve}}", "[]", "deny",
    ]

    @Test(arguments: badExpectations)
    func `an expectation that says nothing, or not enough, is refused`(_ expect: String) {
        let reading = EvalFixture.readCase(EvalFixture.agentText("a", expect: expect))
        #expect(reading.evalCase == nil && !reading.findings.isEmpty)
    }

    @Test(arguments: ["\"\"", "\" \"", "\"Refund order 8812.\\0Then pay.\""])
    func `a request is a text that a variable can have`(_ request: String) {
        let text = EvalFixture.agentText("a").replacing("Refund order 8812.", with: request)
        #expect(EvalFixture.readCase(text).evalCase == nil)
    }

    @Test(arguments: ["a-b", "0"])
    func `an id is one lower-case word`(_ id: String) {
        #expect(EvalFixture.readCase(EvalFixture.policyText(id)).evalCase?.id.text == id)
    }

    @Test(arguments: ["A", "-a", "a b", "a_b", "a/b", "../a", String(repeating: "a", count: 64)])
    func `another id is refused`(_ id: String) {
        #expect(EvalFixture.readCase(EvalFixture.policyText("\"\(id)\"")).evalCase == nil)
    }

    @Test(arguments: [
        "orders.yaml", "fixtures", "fixtures/", "fixtures/../x.yaml", "/fixtures/x.yaml",
        "fixtures/.x.yaml",
        "fixtures//x.yaml", "Fixtures/x.yaml", "fixtures/a b.yaml", "fixtures/x", "fixtures/.yaml",
    ])
    func `a world is a file below fixtures`(_ world: String) {
        let text = EvalFixture.agentText("a").replacing(
            "fixtures/orders.yaml", with: "\"\(world)\"")
        #expect(EvalFixture.readCase(text).evalCase == nil)
        #expect(EvalFixture.readCase(EvalFixture.agentText("a")).evalCase != nil)
    }

    @Test func `a case that must be refused cannot expect allow, and the reverse`() {
        #expect(EvalFixture.readCase(EvalFixture.policyText("a", expect: "allow")).evalCase == nil)
        #expect(
            EvalFixture.readCase(EvalFixture.policyText("a", expect: "approve 2")).evalCase != nil)
        #expect(
            EvalFixture.readCase(EvalFixture.policyText("a", "allow", expect: "deny")).evalCase
                == nil)
        #expect(
            EvalFixture.readCase(EvalFixture.policyText("a", "allow", expect: "allow")).evalCase
                != nil)
    }

    @Test func `each required key is named, and a case without a kind is none`() {
        for key in ["interlock_eval", "id", "kind", "class", "call", "expect"] {
            let lines = EvalFixture.policyText("a").split(separator: "\n")
                .filter { !$0.hasPrefix(key + ":") }
            let found = findings(lines.joined(separator: "\n") + "\n")
            #expect(found.contains { $0.contains("`\(key)` is missing") }, "\(key): \(found)")
        }
        #expect(findings("").count == 1)
        #expect(findings("[]\n").count == 1)
        #expect(findings("interlock_eval: 2\n").contains { $0.contains("interlock_eval") })
    }

    @Test func `a case of more than 64 KiB, or of more than 200 calls, is refused`() {
        let long = "# " + String(repeating: "x", count: EvalLimits.caseBytes) + "\n"
        #expect(findings(EvalFixture.policyText("a") + long).first?.contains("E109") == true)
        let calls = { (count: Int) -> String in
            let list = (0..<count).map { _ in "{call: a.b}" }.joined(separator: ", ")
            return EvalFixture.agentText("a", expect: "{calls: {required: [\(list)]}}")
        }
        #expect(EvalFixture.readCase(calls(200)).evalCase != nil)
        #expect(EvalFixture.readCase(calls(201)).evalCase == nil)
    }

    @Test func `a captured case names its records and its policy`() throws {
        let origin =
            "origin: [{log: acme.example/log, leaf: 7, captured: \"2026-11-20T10:00:00Z\", "
            + "captured_by: a@b.c, policy: \"\(EvalFixture.digest)\"}]\n"
        let text = EvalFixture.policyText(
            "a", "incident", more: origin + "regression_of: \"\(EvalFixture.digest)\"\n")
        let one = try #require(EvalFixture.readCase(text).evalCase)
        #expect(one.origins.map(\.leaf) == [7] && one.regressionOf?.prefixed == EvalFixture.digest)
        #expect(one.gate == .safety)
    }
}
