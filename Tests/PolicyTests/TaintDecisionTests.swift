import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// Calls of a run that has read untrusted content (docs/specs/output-safety.md, section 7): each cell of the table
/// that this version decides, and its order.
@Suite(.requirement("R084", "R085")) struct TaintDecisionTests {
    private static func agent(_ name: String, _ rest: String) -> String {
        """
          \(name):
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            mcp_scopes:
              desk: [read, write]
              host: [read, {tool: write}, {tool: shell}, {tool: edit}]
            \(rest)

        """
    }

    private static let policy =
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        controls: {production: {supervised: approve 2, trusted: approve 2}}
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              peek: {class: read, effects: [sensitive_data]}
              ping: {class: read, effects: [customer_facing]}
              draft: {class: write, effects: [reversible]}
              count: {class: write, effects: [read]}
              export: {class: write, effects: [sensitive_data]}
              mail: {class: write, effects: [reversible, customer_facing]}
              purge: {class: write}
              pay: {class: write, effects: [spends_money]}
              push: {class: write, effects: [production]}
              held: {class: write, effects: [reversible]}
        forbid:
          - {id: no-held, tools: [desk.held], when: "call.tainted"}
        agents:

        """
        + agent("free", "approvers: leads")
        + agent("asked", "approvers: leads\n    taint: {mode: strict}")
        + agent("bound", "approvers: leads\n    taint: {mode: strict, hostile: deny}")
        + agent("alone", "taint: {mode: strict}")

    private static let compiled = Result { try snapshot(policy) }

    /// Each tool with its reach.
    private static let tools: [(String, CallReach)] = [
        ("look", .reads), ("peek", .reads), ("draft", .contained), ("count", .contained),
        ("ping", .outward), ("export", .outward), ("mail", .outward), ("purge", .grave),
        ("pay", .grave), ("push", .grave),
    ]

    @Test(arguments: tools)
    func `Each cell is as specified, and only what the run has read changes a verdict`(
        _ tool: String, _ reach: CallReach
    ) throws {
        let policy = try Self.compiled.get()
        for stage in [TrustStage.supervised, .trusted] {
            func decide(_ agent: String, _ isTainted: Bool) throws -> Decision {
                try policy.decision(agent, "desk.\(tool)", stage: stage) {
                    $0.tainted = isTainted
                }
            }
            let clean = try decide("free", false)
            // An agent without a rule, and a clean run, are decided as before.
            #expect(try decide("free", true).verdict == clean.verdict)
            for agent in ["asked", "bound"] {
                #expect(try decide(agent, false).verdict == clean.verdict)
            }
            let asked = try decide("asked", true)
            let bound = try decide("bound", true)
            switch reach {
            case .reads:
                #expect(asked.verdict == clean.verdict && bound.verdict == clean.verdict)
            case .contained:
                #expect(asked.verdict == max(clean.verdict, .approve(1)))
                #expect(bound.verdict == asked.verdict)
            case .outward, .grave:
                #expect(asked.verdict == max(clean.verdict, .approve(1)))
                #expect(bound.verdict == .deny && bound.reason == .taintDenied)
                #expect(bound.rule == "agents.bound.taint" && bound.quorum == 0)
            }
            if asked.verdict != clean.verdict {
                #expect(asked.reason == .taintApproval && asked.rule == "agents.asked.taint")
                #expect(asked.place != nil && asked.quorum == 1 && asked.group == "leads")
                #expect(asked.eligible.count == 3)
            } else {
                #expect(asked.reason == clean.reason && asked.rule == clean.rule)
            }
        }
    }

    @Test
    func `Without a marker in what a run has read, no call is denied for it, and people decide`()
        throws
    {
        let policy = try Self.compiled.get()
        for (tool, _) in Self.tools {
            for stage in [TrustStage.supervised, .trusted] {
                func decide(_ agent: String) throws -> Decision {
                    try policy.decision(agent, "desk.\(tool)", stage: stage) {
                        $0.tainted = true
                        $0.unmarked = true
                    }
                }
                let bound = try decide("bound")
                #expect(try bound.verdict == decide("asked").verdict, "\(tool)")
                #expect(bound.reason != .taintDenied, "\(tool)")
            }
        }
        // The level counts only for a run that has read something.
        let clean = try policy.decision("bound", "desk.pay") { $0.unmarked = true }
        #expect(try clean.verdict == policy.decision("bound", "desk.pay").verdict)
    }

    @Test func `A tainted run never has a milder verdict, and the stricter rule is never milder`()
        throws
    {
        let policy = try Self.compiled.get()
        for (tool, _) in Self.tools {
            for stage in TrustStage.allCases {
                func verdict(_ agent: String, _ isTainted: Bool) throws -> Verdict {
                    try policy.decision(agent, "desk.\(tool)", stage: stage) {
                        $0.tainted = isTainted
                    }.verdict
                }
                let verdicts = try ["free", "asked", "bound"].map { try verdict($0, true) }
                #expect(verdicts == verdicts.sorted(), "\(tool)")
                for agent in ["free", "asked", "bound"] {
                    #expect(try verdict(agent, true) >= verdict(agent, false), "\(tool)")
                }
            }
        }
    }

    /// One tool of a coding agent has calls of all kinds, so the effects of each call decide.
    @Test func `The own tools of a coding agent are told apart by the class of the command`() throws
    {
        let policy = try Self.compiled.get()
        func verdict(_ tool: String, _ kind: String? = nil) throws -> (Verdict, DecisionReason) {
            var facts = DecisionFacts(effectiveStage: .trusted, tainted: true)
            facts.holdsCount = false
            var arguments = JSONObject()
            arguments["class"] = kind.map { .string($0) }
            let agent = try #require(AgentName("bound"))
            let decision = policy.decide(
                DecisionRequest(
                    agent: agent, address: try address("host.\(tool)"),
                    arguments: .object(arguments)),
                facts: facts, now: exampleTime)
            return (decision.verdict, decision.reason)
        }
        #expect(try verdict("read").0 == .allow)
        for kind in ["read", "test"] { #expect(try verdict("shell", kind).0 == .allow) }
        for found in [try verdict("edit"), try verdict("shell", "write")] {
            #expect(found.0 == .approve(1) && found.1 == .taintApproval)
        }
        for kind in ["arbitrary", "push", "deploy"] {
            #expect(try verdict("shell", kind).1 == .taintDenied, "\(kind)")
        }
    }

    @Test func `Without approvers a call that would be asked about is denied`() throws {
        let policy = try Self.compiled.get()
        let clean = try policy.decision("alone", "desk.draft") { $0.holdsCount = false }
        #expect(clean.verdict == .allow)
        let tainted = try policy.decision("alone", "desk.draft") {
            $0.tainted = true
            $0.holdsCount = false
        }
        #expect(tainted.verdict == .deny && tainted.reason == .noApprovers)
    }

    @Test func `What the policy denies otherwise keeps its reason`() throws {
        let policy = try Self.compiled.get()
        let halted = try policy.decision("bound", "desk.pay") {
            $0.tainted = true
            $0.quarantined = true
        }
        #expect(halted.reason == .quarantined)
        let observed = try policy.decision("asked", "desk.draft", stage: .observe) {
            $0.tainted = true
        }
        #expect(observed.reason == .observe && observed.wouldBe == .approve(1))
    }

    @Test func `A guard reads the level of the run`() throws {
        let policy = try Self.compiled.get()
        #expect(try policy.decision("free", "desk.held").verdict == .allow)
        let tainted = try policy.decision("free", "desk.held") { $0.tainted = true }
        #expect(tainted.verdict == .deny && tainted.rule == "no-held")
    }

    @Test func `An agent whose calls may wait for people then counts as one whose calls may`()
        throws
    {
        let policy = try Self.compiled.get()
        func may(_ agent: String, _ tool: String) throws -> Bool {
            policy.mayNeedPeople(
                try address(tool), for: try #require(AgentName(agent)), stage: .trusted)
        }
        #expect(try !may("free", "desk.draft"))
        #expect(try may("asked", "desk.draft"))
    }

    @Test func `The reach of a call is that of its gravest effect`() {
        for raw in UInt8.min..<128 {
            let effects = EffectSet(rawValue: raw)
            let isGrave = [Effect.irreversible, .spendsMoney, .production].contains {
                effects.has($0)
            }
            for toolClass in ToolClass.allCases {
                for isOfHost in [false, true] {
                    let reach = CallReach(effects, toolClass, isOfHost: isOfHost, sends: false)
                    let sending = CallReach(effects, toolClass, isOfHost: isOfHost, sends: true)
                    #expect(sending == max(reach, .outward))
                    #expect((reach == .grave) == isGrave)
                    if effects.has(.customerFacing) { #expect(reach >= .outward) }
                    if toolClass != .read, !isOfHost { #expect(reach > .reads) }
                    if effects.has(.reversible) { #expect(reach > .reads) }
                }
            }
        }
    }
}
