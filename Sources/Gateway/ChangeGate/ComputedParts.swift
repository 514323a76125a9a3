import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// The parts of a fingerprint that the gateway computes by itself.
struct ComputedParts: Sendable, Hashable {
    let policy: Digest
    let tools: Digest

    init(policy: Digest, tools: Digest) {
        self.policy = policy
        self.tools = tools
    }

    /// - Returns: nil if the policy does not have the agent, or a part has no canonical form.
    init?(of agent: AgentName, under policy: PolicySnapshot, hashing: any Hashing) {
        let all = Self.all(of: [agent], under: policy, hashing: hashing)
        guard let parts = all[agent] else { return nil }
        self = parts
    }

    /// An agent that the policy does not have, or of which a part has no canonical form, has no parts.
    static func all(
        of agents: some Sequence<AgentName>, under policy: PolicySnapshot, hashing: any Hashing
    ) -> [AgentName: ComputedParts] {
        var parts: [AgentName: ComputedParts] = [:]
        for (agent, slice) in policy.sliceDigests(of: agents, hashing: hashing) {
            guard let tools = policy.toolsDigest(of: agent, hashing: hashing) else { continue }
            parts[agent] = ComputedParts(policy: slice, tools: tools)
        }
        return parts
    }
}

/// The parts that a narrowing change of the policy replaced. A result of them counts for a time.
struct CarriedParts: Sendable, Hashable {
    static let length = Duration.seconds(24 * 3600)

    let from: ComputedParts
    /// The parts in force, to which the change led.
    let to: ComputedParts
    let until: Timestamp
}

extension PolicySnapshot {
    /// Returns true if the new policy gives the agent nothing that this one does not: no difference in meaning widens or
    /// cannot be compared, and each of its tools is one of before, with the same review.
    ///
    /// - Parameter differences: those of the whole policy that are no narrowing.
    func isNarrowed(
        to new: PolicySnapshot, for agent: AgentName, widening differences: [Difference]
    ) -> Bool {
        guard !differences.contains(where: { $0.agent == nil || $0.agent == agent.text })
        else { return false }
        let before = Set(scopedTools(of: agent))
        return new.scopedTools(of: agent).allSatisfy { tool in
            before.contains(tool) && lock?.pin(of: tool) == new.lock?.pin(of: tool)
                && lock?.servers[tool.server] == new.lock?.servers[tool.server]
        }
    }
}
