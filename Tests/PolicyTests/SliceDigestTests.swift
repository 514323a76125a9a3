import InterlockCredentials
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockPolicy

/// The content that belongs to an agent's slice (docs/specs/policy.md, section 6.2), and the content that does not.
@Suite struct SliceDigestTests {
    private func slice(_ agent: String, _ old: String = "", _ new: String = "") throws -> Digest {
        let text = GuardedDecisionTests.policy
        if !old.isEmpty { try #require(text.contains(old), "`\(old)`") }
        let policy = try snapshot(
            old.isEmpty ? text : text.replacing(old, with: new, maxReplacements: 1))
        let name = try #require(AgentName(agent))
        return try #require(policy.sliceDigest(of: name, hashing: OpenSSLHashing()))
    }

    static let changes: [(old: String, new: String, agents: Set<String>)] = [
        ("purpose: Works", "purpose: Toils", ["worker"]),
        ("stage: trusted", "stage: supervised", []),
        ("sam@acme.example]}", "eve@acme.example]}", ["worker", "other", "asked"]),
        ("purpose: Late", "purpose: Slow", ["late"]),
        ("agents: [other]}", "agents: [other], classes: [write]}", ["other"]),
        ("tiers: [high]", "tiers: [low]", ["late"]),
        ("args.amount > 100\"", "args.amount > 101\"", ["worker", "other", "asked", "late"]),
        ("environment: staging", "environment: test", ["worker", "other", "asked", "late"]),
        ("max_bytes: 4096", "max_bytes: 4095", ["worker", "other", "asked", "late"]),
        ("until: \"2026-11-20T12:00:00Z\"", "until: \"2026-11-20T11:00:00Z\"", []),
        ("reason: Small", "reason: Tiny", []),
    ]

    @Test(arguments: changes)
    func `A change is in the slice of those whose decisions it can change`(
        old: String, new: String, agents: Set<String>
    ) throws {
        for agent in ["worker", "other", "asked", "late"] {
            let isChanged = try slice(agent) != slice(agent, old, new)
            #expect(isChanged == agents.contains(agent), "\(agent)")
        }
    }

    @Test func `Slices that are made together are those that are made alone`() throws {
        let policy = try snapshot(GuardedDecisionTests.policy)
        let names = try ["worker", "other", "asked", "late", "stranger"].map {
            try #require(AgentName($0))
        }
        let together = policy.sliceDigests(of: names, hashing: OpenSSLHashing())
        #expect(together.count == 4)
        for name in names {
            let alone = policy.sliceDigest(of: name, hashing: OpenSSLHashing())
            #expect(together[name] == alone, "\(name)")
        }
        #expect(policy.sliceDigests(of: [AgentName](), hashing: OpenSSLHashing()).isEmpty)
    }

    @Test func `Agents have slices of their own, strangers none`() throws {
        #expect(try slice("worker") != slice("other"))
        let policy = try snapshot(GuardedDecisionTests.policy)
        let stranger = try #require(AgentName("stranger"))
        #expect(policy.sliceDigest(of: stranger, hashing: OpenSSLHashing()) == nil)
    }
}
