import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// One row per step of docs/specs/policy.md, section 4.2, and per row of the table of actions (R048, R052, R055 to
/// R058).
@Suite struct DecisionTests {
    static let policy = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example, li@acme.example]}
          pair: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              peek: {class: read, effects: [sensitive_data]}
              draft: {class: write, effects: [reversible]}
              purge: {class: write, effects: [irreversible]}
              mail: {class: write, effects: [irreversible, customer_facing]}
              post: {class: write}
              wipe: {class: destructive, effects: [irreversible]}
              root: {class: admin, effects: [irreversible]}
              refund: {class: write, effects: [irreversible, spends_money]}
              deploy: {class: write, effects: [production]}
              nuke: {class: write, effects: [irreversible]}
          wiki:
            tools:
              look: {class: read}
        forbid:
          - {id: no-nuke, tools: [desk.nuke]}
          - {id: wiki-frozen, tools: [wiki.*], agents: [worker]}
          - {id: maybe, tools: [desk.post], agents: [guarded], when: "false"}
        waivers:
          - {lint: W210, at: agents.clerk, owner: li@acme.example, until: "2027-03-01", reason: Small}
        agents:
          reader:
            owner: li@acme.example
            purpose: Reads
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: }
          worker:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            approval_required: [desk.draft]
            mcp_scopes: {desk: [write, look]}
          clerk:
            owner: li@acme.example
            purpose: Clerks
            tier: medium
            stage: trusted
            review_by: "2026-11-30"
            approvers: leads
            approval_required: [mail]
            mcp_scopes: {desk: [read, draft, {tool: purge, sandboxed: true}, refund]}
          cashier:
            owner: ada@acme.example
            purpose: Pays
            tier: high
            stage: trusted
            review_by: "2027-02-01"
            approvers: pair
            sandbox: {profile: isolated, egress: [b.example:443, a.example:443]}
            data: {}
            mcp_scopes: {desk: [read, draft, refund]}
          guarded:
            owner: li@acme.example
            purpose: Guards
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [post, {class: read, when: "true"}]}
          timed:
            owner: li@acme.example
            purpose: Hours
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            hours: {days: mon-fri, from: "08:00", to: "18:00", tz: Europe/Lisbon}
            mcp_scopes: {desk: [look]}
          counted:
            owner: li@acme.example
            purpose: Limits
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            limits: {calls: 1/m}
            mcp_scopes: {desk: [look]}
          watched:
            owner: li@acme.example
            purpose: Watched
            tier: medium
            stage: observe
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [look, purge]}
          greedy:
            owner: li@acme.example
            purpose: Wants more
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [look, wipe]}
          boxed:
            owner: li@acme.example
            purpose: Runs in a box
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [{class: read, sandboxed: true}]}
          held:
            tier: low
            stage: trusted
            purpose: Nobody's
            review_by: "2027-02-01"
            mcp_scopes: {desk: [look]}
        """

    /// The policy as the rows share it: compiling it takes longer than a hundred decisions.
    private static let compiled = Result { try snapshot(policy) }

    struct Row: Sendable, CustomTestStringConvertible {
        let name: String
        let agent: String
        let call: String
        var stage = TrustStage.trusted
        let expect: String
        var testDescription: String { name }
    }

    static let rows: [Row] = [
        Row(
            name: "unknown agent", agent: "nobody", call: "desk.look",
            expect: "deny unknown-agent unknown-agent -"),
        Row(
            name: "tool that is not listed", agent: "reader", call: "desk.secret",
            expect: "deny unlisted-tool unlisted-tool 32:3"),
        Row(
            name: "server that is not listed", agent: "reader", call: "moon.look",
            expect: "deny unlisted-tool unlisted-tool 32:3"),
        Row(
            name: "forbid of a granted tool", agent: "worker", call: "desk.nuke",
            expect: "deny forbid no-nuke 26:5"),
        Row(
            name: "forbid of a tool that nothing grants", agent: "reader", call: "desk.nuke",
            expect: "deny forbid no-nuke 26:5"),
        Row(
            name: "forbid by pattern and agent", agent: "worker", call: "wiki.look",
            expect: "deny forbid wiki-frozen 27:5"),
        Row(
            name: "forbid for another agent", agent: "reader", call: "wiki.look",
            expect: "deny no-grant no-grant 32:3"),
        Row(
            name: "a forbid whose guard is false does not apply",
            agent: "guarded", call: "desk.post",
            expect: "approve 1 controls controls.irreversible 75:25"),
        Row(
            name: "R052 R058 out of scope", agent: "reader", call: "desk.purge",
            expect: "deny no-grant no-grant 39:18"),
        Row(
            name: "class above the tier", agent: "greedy", call: "desk.wipe",
            expect: "deny no-grant no-grant 109:31"),
        Row(
            name: "a grant above the tier holds the agent", agent: "greedy", call: "desk.look",
            expect: "deny incomplete incomplete 102:3 would be allow"),
        Row(
            name: "admin is in no tier", agent: "cashier", call: "desk.root",
            expect: "deny no-grant no-grant 67:18"),
        Row(
            name: "a grant whose guard is true applies",
            agent: "guarded", call: "desk.look",
            expect: "allow controls controls.read 75:31"),
        Row(
            name: "within its hours", agent: "timed", call: "desk.look",
            expect: "allow controls controls.read 84:25"),
        Row(
            name: "limits that nobody counts", agent: "counted",
            call: "desk.look", expect: "deny limit agents.counted.limits.calls 92:14"),
        Row(
            name: "R001 R004 a scope without value grants reads", agent: "reader",
            call: "desk.look", expect: "allow controls controls.read 39:24"),
        Row(
            name: "sensitive read, trusted", agent: "reader", call: "desk.peek",
            expect: "allow controls controls.sensitive_data 39:24"),
        Row(
            name: "sensitive read, supervised", agent: "reader", call: "desk.peek",
            stage: .supervised, expect: "approve 1 controls controls.sensitive_data 39:24"),
        Row(
            name: "R048 tier high reads", agent: "cashier", call: "desk.look",
            expect: "allow controls controls.read 67:25"),
        Row(
            name: "R055 reversible, trusted, runs alone", agent: "clerk", call: "desk.draft",
            expect: "allow controls controls.reversible 57:31"),
        Row(
            name: "R055 reversible, supervised", agent: "clerk", call: "desk.draft",
            stage: .supervised, expect: "approve 1 controls controls.reversible 57:31"),
        Row(
            name: "approval_required raises allow", agent: "worker", call: "desk.draft",
            expect: "approve 1 approval-required agents.worker.approval_required[0] 47:25"),
        Row(
            name: "R056 irreversible, trusted", agent: "worker", call: "desk.purge",
            expect: "approve 1 controls controls.irreversible 48:25"),
        Row(
            name: "R056 irreversible, supervised", agent: "worker", call: "desk.purge",
            stage: .supervised, expect: "approve 2 controls controls.irreversible 48:25"),
        Row(
            name: "a write without effects is irreversible", agent: "worker", call: "desk.post",
            expect: "approve 1 controls controls.irreversible 48:25"),
        Row(
            name: "R057 customer-facing; the graver of equal effects is named",
            agent: "worker", call: "desk.mail",
            expect: "approve 1 controls controls.irreversible 48:25"),
        Row(
            name: "R057 approval_required grants where no scope names the tool", agent: "clerk",
            call: "desk.mail", expect: "approve 1 controls controls.irreversible 56:25"),
        Row(
            name: "production takes two at every stage", agent: "worker", call: "desk.deploy",
            expect: "approve 2 controls controls.production 48:25"),
        Row(
            name: "grant for sandboxed calls raises to approve", agent: "boxed",
            call: "desk.look",
            expect: "approve 1 approval-required agents.boxed.mcp_scopes.desk[0] 117:25"),
        Row(
            name: "tier high is decided as supervised", agent: "cashier", call: "desk.draft",
            expect: "approve 1 controls controls.reversible 67:31"),
        Row(
            name: "R057 money takes two", agent: "cashier", call: "desk.refund",
            expect: "approve 2 controls controls.spends_money 67:38"),
        Row(
            name: "stage observe denies what would be allowed", agent: "watched",
            call: "desk.look", expect: "deny observe observe 94:3 would be allow"),
        Row(
            name: "stage observe denies what would wait", agent: "watched", call: "desk.purge",
            expect: "deny observe observe 94:3 would be approve 2"),
        Row(
            name: "the trust record lowers the stage", agent: "reader", call: "desk.look",
            stage: .observe, expect: "deny observe observe 32:3 would be allow"),
        Row(
            name: "an agent without owner is held", agent: "held", call: "desk.look",
            expect: "deny incomplete incomplete 118:3 would be allow"),
    ]

    @Test(
        .requirement(
            "R001", "R004", "R030", "R031", "R047", "R048", "R052", "R055", "R056", "R057", "R058",
            "R065", "R127"), arguments: rows)
    func `The first step that decides, decides`(row: Row) throws {
        let decision = try Self.compiled.get().decision(row.agent, row.call, stage: row.stage)
        #expect(shown(decision) == row.expect)
    }

    @Test(.requirement("R018")) func `Halt, quarantine, review and purpose are facts of the call`()
        throws
    {
        let policy = try Self.compiled.get()
        let order = try #require(OrderID("01kag0q9v4x2m7c8d3e5f6g7h8"))
        for (agent, tier) in [("nobody", Tier.high), ("reader", .low), ("worker", .medium)] {
            let halted = try policy.decision(agent, "desk.look") { $0.halted = order }
            #expect(halted.verdict == .deny, "\(agent)")
            #expect(halted.reason == .halted && halted.rule == order.text, "\(agent)")
            #expect(halted.tier == tier, "\(agent)")
        }
        let quarantined = try policy.decision("worker", "desk.nuke") { $0.quarantined = true }
        #expect(quarantined.reason == .quarantined)
        let ungranted = try policy.decision("reader", "wiki.look") { $0.quarantined = true }
        #expect(ungranted.reason == .quarantined)

        let lastDay = time("2026-12-14T23:59:59Z")
        let late = time("2026-12-15T00:00:00Z")
        #expect(try policy.decision("clerk", "desk.draft", at: lastDay).verdict == .allow)
        #expect(try policy.decision("clerk", "desk.draft", at: late).reason == .reviewOverdue)
        #expect(try policy.decision("clerk", "desk.look", at: late).verdict == .allow)
        #expect(try policy.decision("clerk", "desk.nuke", at: late).reason == .forbid)
        let lifted = try policy.decision("clerk", "desk.draft", at: late) { $0.review = .lifted }
        #expect(lifted.verdict == .allow)
        let overdue = try policy.decision("clerk", "desk.draft") { $0.review = .overdue }
        #expect(overdue.verdict == .deny && overdue.reason == .reviewOverdue)
        let read = try policy.decision("clerk", "desk.look") { $0.review = .overdue }
        #expect(read.verdict == .allow)

        let silent = try policy.decision("cashier", "desk.look") { $0.purposeDeclared = false }
        #expect(silent.reason == .noPurpose)
        let missing = try policy.decision("cashier", "desk.refund") {
            $0.onBehalfOf = Person("sam@acme.example")
        }
        #expect(shown(missing) == "deny no-approvers no-approvers 6:3")
        let low = try policy.decision("reader", "desk.look") { $0.purposeDeclared = false }
        #expect(low.verdict == .allow)
    }

    @Test(arguments: [
        (DecisionFacts.ArgumentFinding.brokered, DecisionReason.brokeredValue),
        (.canary, .canary), (.secret, .secretInArguments), (.unsearched, .scanFailed),
    ])
    func `A finding in the arguments denies what is allowed and what people could approve`(
        _ finding: DecisionFacts.ArgumentFinding, _ reason: DecisionReason
    ) throws {
        let policy = try Self.compiled.get()
        for call in ["desk.look", "desk.purge"] {
            #expect(try policy.decision("worker", call).verdict != .deny)
            let denied = try policy.decision("worker", call) { $0.arguments = finding }
            #expect(denied.verdict == .deny && denied.reason == reason && denied.quorum == 0)
            #expect(denied.rule == reason.rawValue && reason.part == "safety")
        }
        // A call that nothing grants, or that a halt stops, keeps its reason.
        let ungranted = try policy.decision("reader", "desk.purge") { $0.arguments = finding }
        #expect(ungranted.reason == .noGrant)
    }

    @Test func `The owner and the person behind the agent do not decide`() throws {
        let policy = try Self.compiled.get()
        func names(_ decision: Decision) -> [String] {
            decision.eligible.map { String($0.address.prefix { $0 != "@" }) }
        }
        #expect(names(try policy.decision("worker", "desk.purge")) == ["ada", "rui", "sam"])
        let behalf = try policy.decision("worker", "desk.purge") {
            $0.onBehalfOf = Person("sam@acme.example")
        }
        #expect(names(behalf) == ["ada", "rui"])
        // W210 is waived for the clerk, until a date.
        let clerk = try policy.decision("clerk", "desk.mail")
        #expect(names(clerk) == ["ada", "li", "rui", "sam"])
        let money = try policy.decision("clerk", "desk.refund")
        #expect(names(money) == ["ada", "rui", "sam"])
        let after = try policy.decision(
            "clerk", "desk.peek", stage: .supervised, at: time("2027-03-02T00:00:00Z"))
        #expect(names(after) == ["ada", "rui", "sam"])
    }

    @Test func `A decision is written as the specification shows it`() throws {
        let policy = try Self.compiled.get()
        let request = DecisionRequest(
            agent: try #require(AgentName("worker")), address: try address("desk.purge"),
            arguments: [:])
        let decision = policy.decide(
            request, facts: DecisionFacts(effectiveStage: .supervised), now: exampleTime)
        let json = try JSONValue(
            parsing: decision.serialized(for: request, policy: policy.digest, now: exampleTime),
            limits: .agent)
        #expect(
            json == [
                "agent": "worker", "call": "desk.purge",
                "policy": .string(policy.digest.prefixed), "stage": "supervised",
                "now": "2026-11-20T09:00:00.000Z", "verdict": "approve", "quorum": 2,
                "group": "leads", "reason": "controls", "rule": "controls.irreversible",
                "at": "policy.yaml:48:25", "effects": ["irreversible"],
                "obligations": ["audit": "all_tool_calls", "egress": []], "reserve": [],
                "guards": [],
            ])
    }

    @Test func `What stands open is refused at load`() throws {
        let text = Self.policy.replacing(
            "servers:\n",
            with: "controls:\n  production: {supervised: allow, trusted: allow}\nservers:\n",
            maxReplacements: 1)
        #expect(throws: PolicyRefusal.self) { try snapshot(text) }
    }

    func shown(_ decision: Decision) -> String {
        let verdict =
            switch decision.verdict {
            case .allow: "allow"
            case .approve(let people): "approve \(people)"
            case .deny: "deny"
            }
        let place = decision.place.map { "\($0.line):\($0.column)" } ?? "-"
        let rest = decision.wouldBe.map { " would be \($0)" } ?? ""
        return "\(verdict) \(decision.reason.rawValue) \(decision.rule) \(place)" + rest
    }
}
