import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// Elevations of the store, applied on top of the policy in force.
@Suite struct ElevationSetTests {
    private let from = time("2026-11-20T08:00:00Z")
    private let until = time("2026-11-20T10:00:00Z")

    private func elevation(
        _ id: String, _ agent: String, _ grants: JSONValue
    ) throws -> StoreElevation {
        StoreElevation(
            id: id, agent: try #require(AgentName(agent)), grants: grants, from: from, until: until)
    }

    @Test func `A live elevation grants what the policy does not, and no more`() throws {
        let policy = try snapshot(DecisionTests.policy)
        let set = policy.compile([
            try elevation("one", "reader", ["desk": [["tool": "draft"], ["tool": "nuke"]]]),
            try elevation(
                "two", "worker", ["desk": [["tool": "wipe"]], "wiki": [["class": "read"]]]),
            try elevation("gone", "nobody", ["desk": [["tool": "look"]]]),
            try elevation("bad", "boxed", ["desk": [["tool": "peek", "when": "args."]]]),
        ])
        func reason(_ agent: String, _ call: String, at now: Timestamp? = nil) throws -> String {
            let decision = try policy.decision(agent, call, at: now ?? exampleTime) {
                $0.elevations = set
            }
            return "\(decision.verdict) \(decision.reason.rawValue)"
        }
        // The tier excludes it, a rule forbids it, a pattern forbids it: an elevation lifts none of these.
        #expect(try reason("reader", "desk.draft") == "deny no-grant")
        #expect(try reason("reader", "desk.nuke") == "deny forbid")
        #expect(try reason("worker", "desk.wipe") == "deny no-grant")
        #expect(try reason("worker", "wiki.look") == "deny forbid")
        #expect(try reason("nobody", "desk.look") == "deny unknown-agent")
        // A guard that does not compile is an error, so it grants nothing.
        #expect(try reason("boxed", "desk.peek") == "approve approval-required")

        let clerk = policy.compile([
            try elevation("three", "clerk", ["desk": [["tool": "post", "when": "args.n == 1"]]])
        ])
        for (n, now, expected) in [
            (1, exampleTime, Verdict.approve(1)), (2, exampleTime, .deny), (1, from, .approve(1)),
            (1, until, .deny), (1, Timestamp(microseconds: from.microseconds - 1), .deny),
        ] {
            let request = DecisionRequest(
                agent: try #require(AgentName("clerk")), address: try address("desk.post"),
                arguments: ["n": .integer(Int64(n))])
            let facts = DecisionFacts(effectiveStage: .trusted, elevations: clerk)
            #expect(policy.decide(request, facts: facts, now: now).verdict == expected)
        }
    }

    @Test func `A tool is visible while an elevation of it lives`() throws {
        let policy = try snapshot(DecisionTests.policy)
        let clerk = try #require(AgentName("clerk"))
        let post = try address("desk.post")
        let set = policy.compile([try elevation("one", "clerk", ["desk": [["tool": "post"]]])])
        for (now, isVisible) in [(exampleTime, true), (until, false)] {
            #expect(
                policy.isVisible(post, to: clerk, stage: .trusted, elevations: set, at: now)
                    == isVisible)
            let list = policy.visibleTools(
                for: clerk, stage: .trusted, elevations: set, at: now)
            #expect(list.contains(post) == isVisible)
            #expect(list == list.sorted())
            #expect(list.contains(try address("desk.draft")))
        }
        #expect(!policy.isVisible(post, to: clerk, stage: .trusted, at: exampleTime))
    }

    @Test func `A set of another revision grants nothing`() throws {
        let policy = try snapshot(DecisionTests.policy)
        let other = try snapshot(
            DecisionTests.policy.replacing("purpose: Clerks", with: "purpose: Files"))
        let set = other.compile([try elevation("one", "clerk", ["desk": [["tool": "post"]]])])
        #expect(try other.decision("clerk", "desk.post") { $0.elevations = set }.quorum == 1)
        #expect(try policy.decision("clerk", "desk.post") { $0.elevations = set }.verdict == .deny)
    }
}
