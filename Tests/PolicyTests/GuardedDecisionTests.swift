import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy

/// The steps of docs/specs/policy.md, section 4.2, that depend on the content of the call.
@Suite struct GuardedDecisionTests {
    static let policy = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, li@acme.example, sam@acme.example]}
        servers:
          desk:
            environment: staging
            data: {drop: [trace]}
            tools:
              look: {class: read, data: {max_bytes: 4096, keep: [a, b.c]}}
              draft: {class: write, effects: [reversible]}
              pay: {class: write, effects: [reversible]}
              wipe: {class: destructive, effects: [irreversible]}
        effects:
          - {id: money, tools: [desk.pay], add: spends_money, when: "args.amount > 100"}
          - {id: prod, tools: [desk.pay], add: production, when: "args.amount > 1000"}
        forbid:
          - {id: z-always, tools: [desk.draft], agents: [other]}
          - {id: a-guarded, tools: [desk.draft], agents: [other], when: "true"}
          - {id: b-first, tools: [desk.pay], when: "args.amount > 5000"}
          - {id: a-second, tools: [desk.pay], when: "args.amount > 4000"}
          - {id: high-only, tools: [desk.look], tiers: [high], when: "args.deep == true"}
        waivers:
          - {lint: W210, at: agents.worker, owner: li@acme.example, until: "2027-03-01", reason: Small}
        agents:
          worker:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            data: {desk.look: {keep: [b, d], mask: {b.c: last4}, arguments: {drop: [secret]}}}
            mcp_scopes:
              desk:
                - {tool: look, when: "args.q.startsWith('a')"}
                - {tool: look, when: "call.sandboxed", sandboxed: true}
                - pay
                - {tool: draft, sandboxed: true}
          other:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes:
              desk:
                - {class: read, when: "call.server == 'desk' && call.environment == 'staging' && agent.tier == 'medium' && agent.stage == 'supervised' && call.class == 'read' && call.tool == 'look' && call.kind == 'tool'"}
                - draft
          asked:
            owner: li@acme.example
            purpose: Asks
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            approval_required: [desk.look, desk.draft]
            mcp_scopes: {desk: [{tool: look, when: "args.q == 'a'"}]}
          late:
            owner: li@acme.example
            purpose: Late
            tier: low
            stage: trusted
            review_by: "2027-02-01"
            hours: {days: [mon, fri], from: "22:00", to: "02:00", tz: Europe/Lisbon}
            limits: {calls: 10/m, desk.look: 3/d, spend: {field: args.cost.cents, tool: look, max: 100/d}}
            mcp_scopes: {desk: [look]}
        elevations:
          - id: UP-1
            agent: worker
            grant: {desk: [{tool: wipe}, {tool: look, when: "args.q == 'zebra'"}]}
            from: "2026-11-20T08:00:00Z"
            until: "2026-11-20T12:00:00Z"
            approved_by: [ada@acme.example, sam@acme.example]
            reason: Needed
          - id: UP-2
            agent: other
            grant: {desk: [pay]}
            from: "2026-11-20T08:00:00Z"
            until: "2026-11-20T12:00:00Z"
            approved_by: [ada@acme.example]
            reason: One approver is too few
          - id: UP-3
            agent: asked
            grant: {desk: [pay]}
            from: "2026-11-20T08:00:00Z"
            until: "2026-11-20T12:00:00Z"
            approved_by: [ada@acme.example, li@acme.example]
            reason: The owner does not count for what can spend money
        """

    /// The policy as most tests share it: compiling it takes longer than a hundred decisions.
    private static let compiled = Result { try snapshot(policy) }

    private func decide(
        _ agent: String, _ call: String, _ arguments: JSONValue = [:],
        at now: Timestamp = exampleTime,
        _ change: (inout DecisionFacts) -> Void = { _ in }
    ) throws -> Decision {
        let policy = try Self.compiled.get()
        var facts = DecisionFacts(effectiveStage: .trusted)
        change(&facts)
        return policy.decide(
            DecisionRequest(
                agent: try #require(AgentName(agent)), address: try address(call),
                arguments: arguments), facts: facts, now: now)
    }

    private func shown(_ decision: Decision) -> String {
        "\(decision.verdict) \(decision.rule)"
    }

    @Test func `An unguarded forbid is named before a guarded one, then the first by id`() throws {
        #expect(shown(try decide("other", "desk.draft")) == "deny z-always")
        #expect(shown(try decide("worker", "desk.pay", ["amount": 9000])) == "deny a-second")
        #expect(shown(try decide("worker", "desk.pay")) == "deny a-second")
        #expect(
            shown(try decide("worker", "desk.pay", ["amount": 10])) == "allow controls.reversible")
    }

    @Test func `A forbid for a tier is not for another`() throws {
        #expect(try decide("worker", "desk.look", ["q": "abc", "deep": true]).verdict == .allow)
    }

    @Test func `Effects of the arguments decide the verdict and who may vote`() throws {
        let small = try decide("worker", "desk.pay", ["amount": 10])
        #expect(small.effects == EffectSet(.reversible))
        let money = try decide("worker", "desk.pay", ["amount": 500])
        #expect(money.effects == [EffectSet(.reversible), EffectSet(.spendsMoney)])
        #expect(shown(money) == "approve controls.spends_money")
        // The waiver lets the owner vote, except about money.
        #expect(money.eligible.map(\.address) == ["ada@acme.example", "sam@acme.example"])
        let production = try decide("worker", "desk.pay", ["amount": 2000])
        #expect(shown(production) == "approve 2 controls.production")
        #expect(production.quorum == 2 && production.group == "leads")
        let supervised = try decide("worker", "desk.pay", ["amount": 10]) {
            $0.effectiveStage = .supervised
        }
        #expect(supervised.eligible.count == 3)
        let alone = try decide("worker", "desk.pay", ["amount": 2000]) {
            $0.onBehalfOf = Person("sam@acme.example")
        }
        #expect(shown(alone) == "deny no-approvers")
    }

    @Test func `Any of several grants is enough; of none the first is named`() throws {
        #expect(shown(try decide("worker", "desk.look", ["q": "abc"])) == "allow controls.read")
        #expect(
            shown(try decide("worker", "desk.look", ["q": "bcd"]))
                == "deny agents.worker.mcp_scopes.desk[0]")
        #expect(shown(try decide("worker", "desk.look", ["q": "zebra"])) == "allow controls.read")
        let late = time("2026-11-20T12:00:00Z")
        #expect(try decide("worker", "desk.look", ["q": "zebra"], at: late).reason == .guardFalse)
    }

    @Test(.requirement("R079")) func `A call that is not attested as sandboxed waits for people`()
        throws
    {
        #expect(
            shown(try decide("worker", "desk.draft"))
                == "approve agents.worker.mcp_scopes.desk[3]")
        #expect(
            shown(try decide("worker", "desk.draft") { $0.sandboxed = true })
                == "allow controls.reversible")
        #expect(
            shown(try decide("worker", "desk.look", ["q": "b"]) { $0.sandboxed = true })
                == "allow controls.read")
    }

    @Test func `An entry of approval_required grants alone only where no scope names the tool`()
        throws
    {
        #expect(
            shown(try decide("asked", "desk.look", ["q": "a"]))
                == "approve agents.asked.approval_required[0]")
        #expect(try decide("asked", "desk.look", ["q": "b"]).reason == .guardFalse)
        #expect(
            shown(try decide("asked", "desk.draft"))
                == "approve agents.asked.approval_required[1]")
    }

    @Test func `An elevation grants in its window, and lifts neither tier nor forbid`() throws {
        // The tier has no destructive class.
        #expect(shown(try decide("worker", "desk.wipe")) == "deny no-grant")
        // The elevation has too few approvers, or the owner approved it although the tool can spend money: no grant.
        #expect(shown(try decide("other", "desk.pay", ["amount": 1])) == "deny no-grant")
        #expect(shown(try decide("asked", "desk.pay", ["amount": 1])) == "deny no-grant")
        let before = time("2026-11-20T07:59:59.999Z")
        #expect(try decide("worker", "desk.look", ["q": "zebra"], at: before).reason == .guardFalse)
        let first = time("2026-11-20T08:00:00Z")
        #expect(try decide("worker", "desk.look", ["q": "zebra"], at: first).verdict == .allow)
        let last = time("2026-11-20T11:59:59.999Z")
        #expect(try decide("worker", "desk.look", ["q": "zebra"], at: last).verdict == .allow)
    }

    @Test func `Guards see the cell, the stage and the tier`() throws {
        let seen = try decide("other", "desk.look") { $0.effectiveStage = .supervised }
        #expect(seen.guards.map(\.result) == [.true])
        let trusted = try decide("other", "desk.look")
        #expect(trusted.guards.map(\.result) == [.false])
    }

    @Test func `A guard can ask for whom a call is made, if for anyone`() throws {
        let text = Self.policy.replacing(
            "forbid:\n",
            with: """
                forbid:
                  - id: for-sam
                    tools: [desk.pay]
                    when: "has(call.on_behalf_of) && call.on_behalf_of.startsWith('sam@')"

                """)
        let policy = try snapshot(text)
        let request = DecisionRequest(
            agent: try #require(AgentName("worker")), address: try address("desk.pay"),
            arguments: ["amount": 1])
        for (person, isForbidden) in [
            (nil, false), ("ada@a.example", false), ("sam@a.example", true),
        ] {
            let facts = DecisionFacts(
                effectiveStage: .trusted, onBehalfOf: person.flatMap { Person($0) })
            let decision = policy.decide(request, facts: facts, now: exampleTime)
            #expect((decision.rule == "for-sam") == isForbidden)
        }
    }

    @Test func `Hours are half open, wrap midnight, and follow the zone's clocks`() throws {
        func verdict(_ text: String) throws -> DecisionReason {
            try decide("late", "desk.look", ["cost": ["cents": 1]], at: time(text)) {
                $0.counters = [:]
            }.reason
        }
        // Friday 22:00 in Lisbon is 22:00 UTC in winter; Saturday until 02:00 belongs to Friday.
        #expect(try verdict("2026-11-20T21:59:59.999Z") == .hours)
        #expect(try verdict("2026-11-20T22:00:00Z") == .controls)
        #expect(try verdict("2026-11-21T01:59:59.999Z") == .controls)
        #expect(try verdict("2026-11-21T02:00:00Z") == .hours)
        #expect(try verdict("2026-11-21T23:00:00Z") == .hours)
        // Monday morning belongs to Sunday.
        #expect(try verdict("2026-11-23T00:30:00Z") == .hours)
        #expect(try verdict("2026-11-24T00:30:00Z") == .controls)
        // 22:00 in Lisbon is 21:00 UTC in summer.
        #expect(try verdict("2026-07-03T21:00:00Z") == .controls)
        #expect(try verdict("2026-07-03T20:59:59Z") == .hours)
    }

    @Test(.requirement("R049")) func `What was counted is compared before anyone is asked`() throws
    {
        let night = time("2026-11-20T23:00:00Z")
        func decided(_ arguments: JSONValue, _ counters: [String: Int64]?) throws -> Decision {
            try decide("late", "desk.look", arguments, at: night) { $0.counters = counters }
        }
        let cost: JSONValue = ["cost": ["cents": 40]]
        let fresh = try decided(cost, [:])
        #expect(fresh.verdict == .allow)
        #expect(
            fresh.reserve.map(\.json) == [
                ["limit": "calls", "n": 1], ["limit": "desk.look", "n": 1],
                ["limit": "spend:args.cost.cents", "n": 40],
            ])
        #expect(
            try decided(cost, ["calls": 9, "desk.look": 2, "spend:args.cost.cents": 60]).verdict
                == .allow)
        #expect(shown(try decided(cost, ["calls": 10])) == "deny agents.late.limits.calls")
        #expect(shown(try decided(cost, ["desk.look": 3])) == "deny agents.late.limits.desk.look")
        let over = try decided(cost, ["spend:args.cost.cents": 61])
        #expect(over.reason == .limit && over.reserve == [])
        #expect(try decided(cost, ["spend:args.cost.cents": .max]).reason == .limit)
        #expect(try decided(cost, nil).reason == .limit)
        for unreadable: JSONValue in [[:], ["cost": ["cents": -1]], ["cost": ["cents": "4"]]] {
            let refused = try decided(unreadable, [:])
            #expect(refused.reason == .limit && refused.detail == "spend-unreadable")
        }
    }

    @Test func `Obligations are the union of agent, tool and server`() throws {
        let data = try #require(try decide("worker", "desk.look", ["q": "a"]).data)
        #expect(data.keep?.map(\.text) == ["b.c"])
        #expect(data.drop.map(\.text) == ["trace"])
        #expect(data.mask == [FieldPath("b.c"): .last4])
        #expect(data.maxBytes == 4096)
        #expect(data.argumentsDrop.map(\.text) == ["secret"])
        #expect(data.names == ["arguments.drop", "drop", "keep", "mask", "max_bytes"])
        #expect(try decide("worker", "desk.pay", ["amount": 1]).data?.names == ["drop"])
        let policy = try snapshot(Self.policy)
        let worker = try #require(AgentName("worker"))
        #expect(policy.dataObligations(of: try address("desk.look"), for: worker) == data)
    }

    @Test(.requirement("R036")) func `A decision is a function of its inputs`() throws {
        let policy = try snapshot(Self.policy)
        let again = try snapshot(Self.policy)
        for agent in ["worker", "other", "asked", "late"] {
            for tool in ["look", "draft", "pay", "wipe"] {
                for arguments: JSONValue in [[:], ["q": "a", "amount": 500], ["q": 1]] {
                    let request = DecisionRequest(
                        agent: try #require(AgentName(agent)), address: try address("desk.\(tool)"),
                        arguments: arguments)
                    for stage in TrustStage.allCases {
                        let facts = DecisionFacts(effectiveStage: stage, counters: [:])
                        let first = policy.decide(request, facts: facts, now: exampleTime)
                        #expect(policy.decide(request, facts: facts, now: exampleTime) == first)
                        #expect(again.decide(request, facts: facts, now: exampleTime) == first)
                        // Times below a millisecond do not count.
                        let later = Timestamp(microseconds: exampleTime.microseconds + 999)
                        #expect(policy.decide(request, facts: facts, now: later) == first)
                    }
                }
            }
        }
    }

    @Test func `The value of a decision has all its parts`() throws {
        let policy = try snapshot(Self.policy)
        let request = DecisionRequest(
            agent: try #require(AgentName("worker")), address: try address("desk.pay"),
            arguments: ["amount": 500])
        let decision = policy.decide(
            request, facts: DecisionFacts(effectiveStage: .trusted), now: exampleTime)
        let json = try JSONValue(
            parsing: decision.serialized(for: request, policy: policy.digest, now: exampleTime),
            limits: .agent)
        #expect(
            json == [
                "agent": "worker", "call": "desk.pay",
                "policy": .string(policy.digest.prefixed), "stage": "trusted",
                "now": "2026-11-20T09:00:00.000Z", "verdict": "approve", "quorum": 1,
                "group": "leads", "reason": "controls", "rule": "controls.spends_money",
                "at": "policy.yaml:39:11", "effects": ["reversible", "spends_money"],
                "obligations": ["audit": "all_tool_calls", "egress": [], "drop": ["trace"]],
                "reserve": [],
                "guards": [
                    ["rule": "a-second", "result": "false"],
                    ["rule": "b-first", "result": "false"],
                    ["rule": "money", "result": "true"], ["rule": "prod", "result": "false"],
                ],
            ])
    }
}
