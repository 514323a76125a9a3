import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTesting
import InterlockYAML
import Testing

@testable import InterlockEvals

/// The parts that shape an agent, by digests (docs/specs/evals.md, section 5).
@Suite(.requirement("R116")) struct `Fingerprints of agents` {
    private let hashing = OpenSSLHashing()

    @Test func `the fingerprint is the digest of the canonical form of its parts`() throws {
        let parts = ResultFixture.parts()
        let value: JSONValue = [
            "v": 1, "agent": "refunds", "prompt": .string(parts.prompt.prefixed),
            "skills": .string(parts.skills.prefixed), "tools": .string(parts.tools.prefixed),
            "model": .string(parts.model.prefixed), "policy": .string(parts.policy.prefixed),
        ]
        let canonical = try value.canonical()
        #expect(parts.canonical == canonical)
        #expect(parts.digest(hashing: hashing) == hashing.sha256(canonical))
    }

    @Test func `each part and the agent change the fingerprint, and are named as different`() throws
    {
        let parts = ResultFixture.parts()
        let others: [(FingerprintPart, AgentFingerprint)] = [
            (.model, ResultFixture.parts(model: 99)), (.policy, ResultFixture.parts(policy: 99)),
            (.prompt, ResultFixture.parts(prompt: 99)), (.skills, ResultFixture.parts(skills: 99)),
            (.tools, ResultFixture.parts(tools: 99)),
        ]
        #expect(others.map(\.0) == FingerprintPart.allCases)
        for (part, other) in others {
            #expect(other.digest(hashing: hashing) != parts.digest(hashing: hashing))
            #expect(other.differences(from: parts) == [part])
        }
        let payouts = ResultFixture.parts(agent: try #require(AgentName("payouts")))
        #expect(payouts.digest(hashing: hashing) != parts.digest(hashing: hashing))
    }

    private func fingerprint(_ sources: FingerprintSources) throws -> AgentFingerprint {
        try sources.fingerprint(
            of: ResultFixture.agent, policy: ResultFixture.digest(1),
            tools: ResultFixture.digest(2), hashing: hashing)
    }

    @Test func `the order of prompt files counts, that of skills and models does not`() throws {
        let a = FingerprintFile(path: "a", digest: ResultFixture.digest(1))
        let b = FingerprintFile(path: "b", digest: ResultFixture.digest(2))
        let one = FingerprintModel(provider: "x", id: "m-1", parameters: ResultFixture.digest(3))
        let two = FingerprintModel(provider: "x", id: "m-2", parameters: ResultFixture.digest(3))
        let first = try fingerprint(
            FingerprintSources(prompt: [a, b], skills: [a, b], models: [one, two]))
        let second = try fingerprint(
            FingerprintSources(prompt: [a, b], skills: [b, a], models: [two, one]))
        #expect(first == second)
        let third = try fingerprint(
            FingerprintSources(prompt: [b, a], skills: [a, b], models: [one, two]))
        #expect(third.differences(from: first) == [.prompt])
    }

    @Test func `the tree of a skill changes with a path, a bit and a byte, and not with the order`()
    {
        func tree(_ path: String, _ isExecutable: Bool, _ byte: UInt8) -> [SkillFile] {
            [
                SkillFile(
                    path: Array(path.utf8), isExecutable: isExecutable,
                    digest: ResultFixture.digest(byte)),
                SkillFile(
                    path: Array("z".utf8), isExecutable: false, digest: ResultFixture.digest(1)),
            ]
        }
        let base = SkillFile.treeDigest(of: tree("a", false, 2), hashing: hashing)
        #expect(base == SkillFile.treeDigest(of: tree("a", false, 2).reversed(), hashing: hashing))
        for other in [tree("b", false, 2), tree("a", true, 2), tree("a", false, 3)] {
            #expect(SkillFile.treeDigest(of: other, hashing: hashing) != base)
        }
        // The form of a supervisor: the bit, the path, a zero byte, the digest (decision 0143).
        let one = [SkillFile(path: [0x61], isExecutable: true, digest: ResultFixture.digest(2))]
        #expect(
            SkillFile.treeDigest(of: one, hashing: hashing)
                == hashing.sha256([1, 0x61, 0] + [UInt8](repeating: 2, count: 32)))
    }

    @Test func `the files of a skill are in the order in which a supervisor lists them`() {
        let names = ["a/b", "a/b-c/d", "a-b", "a.md"]
        var bytes: [UInt8] = []
        for (number, name) in names.enumerated() {
            bytes += [0] + Array(name.utf8) + [0] + [UInt8](repeating: UInt8(number), count: 32)
        }
        let files = names.enumerated().map { number, name in
            SkillFile(
                path: Array(name.utf8), isExecutable: false,
                digest: ResultFixture.digest(UInt8(number)))
        }
        #expect(
            SkillFile.treeDigest(of: files.reversed(), hashing: hashing) == hashing.sha256(bytes))
    }

    @Test(arguments: [
        ("claude-sonnet-4-5-20250929", false), ("gpt-4o-2024-08-06", false),
        ("claude-3-5-sonnet-latest", true), ("opus", true), ("models:latest", true),
    ])
    func `an id that the provider can move is told apart`(_ id: String, _ isMoving: Bool) {
        let model = FingerprintModel(provider: "x", id: id, parameters: ResultFixture.digest(1))
        #expect(model.isMovingAlias == isMoving)
    }

    private func manifest(_ text: String) -> (FingerprintManifest?, [String]) {
        let bytes = Array(text.utf8)
        let reading = readYAML(bytes, file: "fingerprint.yaml")
        let read = FingerprintManifest.read(
            ParsedEvalFile(
                path: "fingerprint.yaml", byteCount: bytes.count, root: reading.root,
                findings: reading.findings))
        return (read.manifest, read.findings.map(\.text))
    }

    @Test func `a manifest lists files, skills and models`() throws {
        let (read, findings) = manifest(
            """
            interlock_fingerprint: 1
            prompt: [CLAUDE.md, prompts/a.md]
            skills: [{name: sum, path: skills/sum}]
            models: [{provider: anthropic, id: m-1, parameters: {temperature: 0}}]
            """)
        let listed = try #require(read, "\(findings)")
        #expect(listed.prompt == ["CLAUDE.md", "prompts/a.md"])
        #expect(listed.skills.map(\.path) == ["skills/sum"])
        #expect(listed.models.map(\.parameters) == [["temperature": 0]])
    }

    @Test(arguments: [
        "prompt: [a]\n", "interlock_fingerprint: 2\n", "interlock_fingerprint: 1\nprompts: [a]\n",
        "interlock_fingerprint: 1\nprompt: [../a]\n", "interlock_fingerprint: 1\nprompt: [/a]\n",
        "interlock_fingerprint: 1\nprompt: [a, a]\n",
        "interlock_fingerprint: 1\nskills: [{name: a, path: s}, {name: a, path: t}]\n",
        "interlock_fingerprint: 1\nmodels: [{id: m-1}]\n", "- a\n", "",
    ])
    func `a manifest with an unknown key, a path outside or a duplicate is refused`(_ text: String)
    {
        let (read, findings) = manifest(text)
        #expect(read == nil && !findings.isEmpty)
    }
}
