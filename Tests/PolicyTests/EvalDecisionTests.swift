import InterlockJSON
import InterlockModel
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockPolicy

/// The verdict of the change gate in a decision (docs/specs/evals.md, section 6).
@Suite(.requirement("R116")) struct EvalDecisionTests {
    private static func policy(stage: String = "trusted") -> String {
        """
        interlock: 1
        org: acme
        kill_switch: org-wide, tested monthly
        servers:
          desk:
            environment: staging
            tools:
              look: {class: read}
              lone: {class: read}
        agents:
          clerk:
            owner: li@acme.example
            purpose: Works
            tier: low
            stage: \(stage)
            review_by: "2027-02-01"
            mcp_scopes: {desk: [look]}
        """
    }

    private func decide(
        _ call: String, stage: String = "trusted", _ change: (inout DecisionFacts) -> Void
    ) throws -> Decision {
        try snapshot(Self.policy(stage: stage)).decision("clerk", call, change)
    }

    @Test(arguments: EvalFact.allCases)
    func `every verdict but passed denies what the policy grants`(_ fact: EvalFact) throws {
        let decision = try decide("desk.look") { $0.eval = fact }
        guard let reason = fact.reason else {
            #expect(fact == .passed && decision.verdict == .allow)
            return
        }
        #expect(decision.verdict == .deny && decision.reason.rawValue == reason)
        #expect(decision.reason.part == "eval" && decision.place != nil)
    }

    @Test func `a halt and a quarantine come first, and what is not granted stays so`() throws {
        let halt = OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
        func reason(_ call: String, _ change: (inout DecisionFacts) -> Void) throws
            -> DecisionReason
        {
            try decide(call) {
                $0.eval = .missing
                change(&$0)
            }.reason
        }
        #expect(try reason("desk.look") { $0.halted = halt } == .halted)
        #expect(try reason("desk.look") { $0.quarantined = true } == .quarantined)
        #expect(try reason("desk.look") { $0.arguments = .secret } == .evalMissing)
        #expect(try reason("desk.lone") { _ in } == .noGrant)
    }

    @Test func `an elevation lets nothing through that the gate refuses`() throws {
        let policy = try snapshot(Self.policy())
        let elevated = policy.compile([
            StoreElevation(
                id: "one", agent: AgentName("clerk").unwrapped,
                grants: ["desk": [["tool": "lone"]]], from: time("2026-11-20T08:00:00Z"),
                until: time("2026-11-20T10:00:00Z"))
        ])
        func decide(_ fact: EvalFact) throws -> Decision {
            try policy.decision("clerk", "desk.lone", at: exampleTime) {
                $0.elevations = elevated
                $0.eval = fact
            }
        }
        #expect(try decide(.passed).verdict != .deny)
        #expect(try decide(.missing).reason == .evalMissing)
    }

    @Test func `at stage observe the stage is the reason`() throws {
        let decision = try decide("desk.look", stage: "observe") { $0.eval = .failed }
        #expect(decision.reason == .observe && decision.wouldBe == .allow)
    }

    @Test func `a recorded verdict decides again, and another one is refused`() throws {
        let policy = try snapshot(Self.policy())
        var facts = DecisionFacts(counters: [:])
        facts.eval = .stale
        let request = DecisionRequest(
            agent: AgentName("clerk").unwrapped,
            address: ToolAddress(dotted: "desk.look").unwrapped, arguments: [:])
        let now = Timestamp(microseconds: 1_795_000_000_000_000)
        let input = DecisionInput(
            agent: request.agent, address: request.address, purpose: "work",
            decision: policy.decide(request, facts: facts, now: now), facts: facts,
            policy: policy.digest, basis: policy.basis, now: now)
        let bytes = input.serialized()
        #expect(
            try RecordedDecision(parsing: bytes).decide([:], under: policy).reason == .evalStale)
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(text.contains("\"eval\":\"stale\""))
        let edited = Array(text.replacing("\"eval\":\"stale\"", with: "\"eval\":\"fine\"").utf8)
        #expect(throws: FormError.self) { try RecordedDecision(parsing: edited) }
        // A record of a version without the gate has no such member.
        let older = Array(text.replacing("\"eval\":\"stale\",", with: "").utf8)
        #expect(try RecordedDecision(parsing: older).decide([:], under: policy).verdict == .allow)
    }
}
