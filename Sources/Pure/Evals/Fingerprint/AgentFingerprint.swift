package import InterlockModel

/// The parts of what shapes an agent, each by its digest (docs/specs/evals.md, section 5). Two agents, or one agent at
/// two times, behave alike for the change gate only if all of them are equal.
package struct AgentFingerprint: Sendable, Hashable {
    package let agent: AgentName
    package let model: Digest
    package let policy: Digest
    package let prompt: Digest
    package let skills: Digest
    package let tools: Digest

    package init(
        agent: AgentName, model: Digest, policy: Digest, prompt: Digest, skills: Digest,
        tools: Digest
    ) {
        self.agent = agent
        self.model = model
        self.policy = policy
        self.prompt = prompt
        self.skills = skills
        self.tools = tools
    }

    package subscript(part: FingerprintPart) -> Digest {
        switch part {
        case .model: model
        case .policy: policy
        case .prompt: prompt
        case .skills: skills
        case .tools: tools
        }
    }

    /// The RFC 8785 bytes of `{"agent", "model", "policy", "prompt", "skills", "tools", "v": 1}`. Names and digests
    /// need no escapes, and the members are in their canonical order.
    package var canonical: [UInt8] {
        var text = "{\"agent\":\"\(agent.text)\""
        for part in FingerprintPart.allCases {
            text += ",\"\(part.rawValue)\":\"\(self[part].prefixed)\""
        }
        return Array((text + ",\"v\":1}").utf8)
    }

    /// The fingerprint: SHA-256 of `canonical`.
    package func digest(hashing: any Hashing) -> Digest { hashing.sha256(canonical) }

    /// Returns the parts that differ, in their order.
    package func differences(from other: AgentFingerprint) -> [FingerprintPart] {
        FingerprintPart.allCases.filter { self[$0] != other[$0] }
    }
}

/// The parts of a fingerprint, in the order of their names, which is their order in canonical JSON.
package enum FingerprintPart: String, Sendable, CaseIterable {
    case model, policy, prompt, skills, tools
}
