import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy
@testable import InterlockPolicyReview

/// Runs with a task as their purpose (docs/specs/output-safety.md, section 7).
@Suite(.requirement("R084")) struct TaskDecisionTests {
    private static let policy = """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        approvals:
          leads: {members: [ada@acme.example, sam@acme.example, rui@acme.example]}
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              peek: {class: read}
              note: {class: write, effects: [reversible]}
              mail: {class: write, effects: [reversible]}
              lone: {class: read}
            resources:
              page: {uri: "desk://page", class: read}
            prompts:
              greet: {class: read}
        forbid:
          - {id: no-mail, tools: [desk.mail]}
        agents:
          clerk:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes:
              desk: [look, peek, note, mail, "resource:page", "prompt:greet"]
              host: [read, {tool: write}]
          other:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [look, peek, note]}
          free:
            owner: li@acme.example
            purpose: Works
            tier: medium
            stage: trusted
            review_by: "2027-02-01"
            approvers: leads
            mcp_scopes: {desk: [look]}
        tasks:
          visit: {agent: clerk, tools: [desk.look, desk.mail, "desk.resource:page", host.read]}
          answer: {agent: clerk, tools: [desk.note]}
          elsewhere: {agent: other, tools: [desk.look]}
        tests:
          - {agent: clerk, call: desk.look, expect: allow, purpose: visit}
          - {agent: clerk, call: desk.peek, expect: deny, purpose: visit, because: out-of-task}
        """

    private static let compiled = Result { try snapshot(policy) }

    private func name(_ text: String) throws -> RunTaskName { try #require(RunTaskName(text)) }

    private func decide(
        _ call: String, _ task: String?, of agent: String = "clerk",
        in text: String = TaskDecisionTests.policy,
        _ change: (inout DecisionFacts) -> Void = { _ in }
    ) throws -> Decision {
        let task = try task.map { try name($0) }
        let policy = text == Self.policy ? try Self.compiled.get() : try snapshot(text)
        return try policy.decision(agent, call) {
            $0.task = task
            change(&$0)
        }
    }

    @Test(arguments: [
        ("desk.look", true), ("desk.resource:page", true), ("host.read", true),
        ("desk.peek", false), ("desk.note", false), ("desk.prompt:greet", false),
        ("host.write", false),
    ])
    func `a call outside the task is denied, and one inside is decided as without a task`(
        _ call: String, _ isInside: Bool
    ) throws {
        let free = try decide(call, nil)
        #expect(free.verdict != .deny)
        let bound = try decide(call, "visit")
        if isInside {
            #expect(bound == free)
        } else {
            #expect(bound.verdict == .deny && bound.reason == .outOfTask)
            #expect(bound.rule == "tasks.visit" && bound.place?.line == 49)
            #expect(bound.quorum == 0 && bound.effects == free.effects)
        }
    }

    @Test func `a task grants nothing, and forbids stay`() throws {
        #expect(try decide("desk.mail", "visit").reason == .forbid)
        // No grant and no such tool are said first, as without a task.
        #expect(try decide("desk.lone", "visit").reason == .noGrant)
        #expect(try decide("desk.none", "visit").reason == .unlistedTool)
        let granted = Self.policy.replacing("tools: [desk.note]", with: "tools: [desk.lone]")
        #expect(try decide("desk.lone", "answer", in: granted).reason == .noGrant)
    }

    @Test func `a halt and a quarantine come first, and a finding in the arguments after`() throws {
        let halt = OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        let halted = try decide("desk.peek", "visit") { $0.halted = halt }
        let withheld = try decide("desk.peek", "visit") { $0.quarantined = true }
        let leaking = try decide("desk.peek", "visit") { $0.arguments = .secret }
        #expect(halted.reason == .halted && withheld.reason == .quarantined)
        #expect(leaking.reason == .outOfTask)
    }

    @Test(arguments: ["desk.look", "desk.note", "host.read"])
    func `a task that the policy does not have, or that is another agent's, has no tool`(
        _ call: String
    ) throws {
        for task in ["gone", "elsewhere"] {
            let refused = try decide(call, task)
            #expect(refused.verdict == .deny && refused.reason == .outOfTask, "\(task)")
            #expect(refused.rule == "out-of-task" && refused.detail == "no task \(task)")
        }
    }

    @Test func `the task of an elevation's call counts as well`() throws {
        let elevated =
            Self.policy + """


                elevations:
                  - id: e1
                    agent: clerk
                    grant: {desk: [lone]}
                    from: "2026-11-20T08:00:00Z"
                    until: "2026-11-20T10:00:00Z"
                    approved_by: [ada@acme.example, sam@acme.example]
                    reason: needed
                """
        #expect(try decide("desk.lone", nil, in: elevated).verdict == .allow)
        #expect(try decide("desk.lone", "visit", in: elevated).reason == .outOfTask)
    }

    @Test func `a purpose names a task of its agent, or none where the agent has none`() throws {
        let policy = try Self.compiled.get()
        let clerk = try #require(AgentName("clerk"))
        let free = try #require(AgentName("free"))
        #expect(try policy.task(of: nil, for: clerk) == nil)
        #expect(try policy.task(of: "visit", for: clerk) == name("visit"))
        #expect(try policy.task(of: "Ticket 5512", for: free) == nil)
        #expect(try policy.task(of: "vist", for: free) == nil)
        for purpose in ["vist", "elsewhere", "Ticket 5512", "VISIT", ""] {
            let known = [try name("answer"), try name("visit")]
            #expect(throws: UnknownTask(purpose: purpose, agent: clerk, known: known)) {
                try policy.task(of: purpose, for: clerk)
            }
        }
        #expect(throws: UnknownTask(purpose: "visit", agent: free, known: [])) {
            try policy.task(of: "visit", for: free)
        }
    }

    @Test func `the decision is made again from the record, also under a policy without the task`()
        throws
    {
        let policy = try Self.compiled.get()
        let agent = try #require(AgentName("clerk"))
        for (call, task) in [("desk.look", "visit"), ("desk.peek", "visit"), ("desk.look", "gone")]
        {
            var facts = DecisionFacts(effectiveStage: .trusted)
            facts.task = try name(task)
            let address = try address(call)
            let decision = policy.decide(
                DecisionRequest(agent: agent, address: address, arguments: [:]), facts: facts,
                now: exampleTime)
            let input = DecisionInput(
                agent: agent, address: address, purpose: task, decision: decision, facts: facts,
                policy: policy.digest, basis: policy.basis, now: exampleTime)
            let recorded = try RecordedDecision(parsing: input.serialized())
            #expect(recorded.decide([:], under: policy) == decision)
            let without = try snapshot(
                Self.policy.replacing("visit: {", with: "visited: {")
                    .replacing("purpose: visit", with: "purpose: visited"))
            #expect(recorded.decide([:], under: without).reason == .outOfTask)
        }
        // Records of earlier versions have no task.
        let plain = try decide("desk.peek", nil)
        #expect(plain.verdict == .allow)
    }

    @Test func `a record with a task that is no name is refused`() throws {
        let policy = try Self.compiled.get()
        var facts = DecisionFacts(effectiveStage: .trusted)
        facts.task = try name("visit")
        let agent = try #require(AgentName("clerk"))
        let address = try address("desk.look")
        let input = DecisionInput(
            agent: agent, address: address, purpose: "visit",
            decision: try decide("desk.look", "visit"), facts: facts, policy: policy.digest,
            basis: policy.basis, now: exampleTime
        ).serialized()
        let text = String(decoding: input, as: UTF8.self)
        for wrong in [#""task":"Visit""#, #""task":"""#, #""task":7"#] {
            let changed = text.replacing(#""task":"visit""#, with: wrong)
            #expect(changed != text)
            #expect(throws: FormError.self) { try RecordedDecision(parsing: Array(changed.utf8)) }
        }
    }

    @Test func `a test of the policy states the task of its run`() throws {
        let results = PolicyTestRunner(try Self.compiled.get(), at: exampleTime).run()
        #expect(results.count == 2 && results.allSatisfy(\.failures.isEmpty))
        let wrong = try snapshot(
            Self.policy.replacing(
                "expect: allow, purpose: visit", with: "expect: allow, purpose: answer"))
        let failed = PolicyTestRunner(wrong, at: exampleTime).run().flatMap(\.failures)
        #expect(failed == [.verdict(expected: .allow)])
    }

    @Test func `a task is in the digest of the policy, and of the slice of its agent alone`() throws
    {
        let hashing = OpenSSLHashing()
        let old = try Self.compiled.get()
        let new = try snapshot(
            Self.policy.replacing("tools: [desk.note]", with: "tools: [desk.note, desk.peek]"))
        let sorted = try snapshot(
            Self.policy.replacing(
                "tools: [desk.look, desk.mail,", with: "tools: [desk.mail, desk.look,"))
        #expect(old.digest != new.digest && old.digest == sorted.digest)
        for (agent, isChanged) in [("clerk", true), ("other", false), ("free", false)] {
            let name = try #require(AgentName(agent))
            let before = old.sliceDigest(of: name, hashing: hashing)
            let after = new.sliceDigest(of: name, hashing: hashing)
            #expect((before != after) == isChanged, "\(agent)")
        }
    }

    @Test func `more than two hundred tasks are too many, and two hundred are not`() throws {
        func findings(_ count: Int) -> [FindingCode] {
            let tasks = (0..<count).map { "  t\($0): {agent: clerk, tools: [desk.look]}" }
            let text = Self.policy.replacing(
                "tasks:\n", with: "tasks:\n" + tasks.joined(separator: "\n") + "\n")
            return PolicyReader.read(policyFiles(text)).findings.all.map(\.code)
        }
        #expect(findings(197).isEmpty)
        #expect(findings(198) == [.tooLarge])
    }
}
