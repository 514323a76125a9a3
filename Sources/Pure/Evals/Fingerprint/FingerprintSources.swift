package import InterlockJSON
package import InterlockModel

/// A file that shapes an agent, or the tree of a skill by its name.
package struct FingerprintFile: Sendable, Hashable {
    package let path: String
    package let digest: Digest

    package init(path: String, digest: Digest) {
        self.path = path
        self.digest = digest
    }

    var json: JSONValue { ["path": .string(path), "sha256": .string(digest.hex)] }
}

/// A model that an agent may use, with its parameters by their digest.
package struct FingerprintModel: Sendable, Hashable {
    package let provider: String
    /// The exact id.
    package let id: String
    package let parameters: Digest

    package init(provider: String, id: String, parameters: Digest) {
        self.provider = provider
        self.id = id
        self.parameters = parameters
    }

    /// True if the provider can put another model behind the id: it has no version, or says that it is the latest.
    package var isMovingAlias: Bool {
        !id.utf8.contains(where: isDigit)
            || id.split(whereSeparator: { "-_.:/@".contains($0) }).contains { $0 == "latest" }
    }

    var json: JSONValue {
        [
            "id": .string(id), "parameters": .string(parameters.prefixed),
            "provider": .string(provider),
        ]
    }
}

/// The parts of a fingerprint that the gateway cannot compute by itself (docs/specs/evals.md, section 5).
package struct FingerprintSources: Sendable, Hashable {
    /// The instruction files, in the order in which the agent reads them.
    package let prompt: [FingerprintFile]
    /// The trees of skills, sorted by name.
    package let skills: [FingerprintFile]
    /// The models, with fallback and subagent models, sorted.
    package let models: [FingerprintModel]

    package init(
        prompt: [FingerprintFile] = [], skills: [FingerprintFile] = [],
        models: [FingerprintModel] = []
    ) {
        self.prompt = prompt
        self.skills = skills.sorted { ExactText($0.path) < ExactText($1.path) }
        self.models = models.sorted {
            (ExactText($0.provider), ExactText($0.id), $0.parameters.hex)
                < (ExactText($1.provider), ExactText($1.id), $1.parameters.hex)
        }
    }

    /// - Parameters:
    ///   - policy: the digest of the agent's slice of the policy.
    ///   - tools: the digest of `PolicySnapshot.toolsDigest`.
    package func fingerprint(
        of agent: AgentName, policy: Digest, tools: Digest, hashing: any Hashing
    ) throws(JSONError) -> AgentFingerprint {
        func digest(_ values: [JSONValue]) throws(JSONError) -> Digest {
            hashing.sha256(try JSONValue.array(values).canonical())
        }
        return AgentFingerprint(
            agent: agent, model: try digest(models.map(\.json)), policy: policy,
            prompt: try digest(prompt.map(\.json)), skills: try digest(skills.map(\.json)),
            tools: tools)
    }
}

/// One file of a skill, by its path below the folder of the skill.
package struct SkillFile: Sendable, Hashable {
    package let path: [UInt8]
    package let isExecutable: Bool
    package let digest: Digest

    package init(path: [UInt8], isExecutable: Bool, digest: Digest) {
        self.path = path
        self.isExecutable = isExecutable
        self.digest = digest
    }

    /// The digest of a tree: for each file, sorted by path, one byte that says whether it is executable, the path, a
    /// zero byte and the 32 bytes of its digest. It is the digest that a supervisor records at the start of a run, so that
    /// paths are in the order of a tree's listing: a slash comes before all bytes of names.
    package static func treeDigest(of files: [SkillFile], hashing: any Hashing) -> Digest {
        var bytes: [UInt8] = []
        for file in files.sorted(by: { $0.isListed(before: $1) }) {
            bytes.append(file.isExecutable ? 1 : 0)
            bytes += file.path
            bytes.append(0)
            bytes += file.digest.bytes
        }
        return hashing.sha256(bytes)
    }

    private func isListed(before other: SkillFile) -> Bool {
        path.lexicographicallyPrecedes(other.path) { Self.rank($0) < Self.rank($1) }
    }

    /// No name has the byte 0.
    private static func rank(_ byte: UInt8) -> UInt8 { byte == UInt8(ascii: "/") ? 0 : byte }
}
