import InterlockCredentials
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// Fingerprints of random parts (docs/specs/evals.md, section 12).
@Suite(.requirement("R116")) struct FingerprintPropertyTests {
    private static let hashing = ResultFixture.hashing

    /// The digests of prompt files, skills and models, in this order.
    private typealias Digests = [[[UInt8]]]

    private func bytes(_ random: inout SeededGenerator) -> [UInt8] {
        (0..<32).map { _ in UInt8.random(in: 0...255, using: &random) }
    }

    /// - Parameter isTurned: true to list skills and models in reverse order.
    private func fingerprint(_ digests: Digests, isTurned: Bool = false) throws -> AgentFingerprint
    {
        let known = try digests.map { list in
            try list.map { bytes in try #require(Digest(bytes: bytes)) }
        }
        let prompt = known[0].enumerated().map { number, digest in
            FingerprintFile(path: "prompt-\(number).md", digest: digest)
        }
        let skills = known[1].enumerated().map { number, digest in
            FingerprintFile(path: "skill-\(number)", digest: digest)
        }
        let models = known[2].enumerated().map { number, digest in
            FingerprintModel(provider: "x", id: "m-\(number)", parameters: digest)
        }
        return try FingerprintSources(
            prompt: prompt, skills: isTurned ? skills.reversed() : skills,
            models: isTurned ? models.reversed() : models
        ).fingerprint(
            of: ResultFixture.agent, policy: ResultFixture.digest(1),
            tools: ResultFixture.digest(2), hashing: Self.hashing)
    }

    @Test func `any bit of any file changes its part alone, and the order of skills changes none`()
        throws
    {
        var random = SeededGenerator.announced()
        let parts: [FingerprintPart] = [.prompt, .skills, .model]
        for _ in 0..<50 {
            var digests: Digests = []
            for _ in parts {
                let count = Int.random(in: 1...4, using: &random)
                var list: [[UInt8]] = []
                for _ in 0..<count { list.append(bytes(&random)) }
                digests.append(list)
            }
            let first = try fingerprint(digests)
            let turned = try fingerprint(digests, isTurned: true)
            #expect(turned == first)
            for (number, part) in parts.enumerated() {
                let file = Int.random(in: 0..<digests[number].count, using: &random)
                let place = Int.random(in: 0..<32, using: &random)
                let bit = UInt8(1) << UInt8.random(in: 0..<8, using: &random)
                var changed = digests
                changed[number][file][place] ^= bit
                let other = try fingerprint(changed)
                #expect(other.differences(from: first) == [part])
                #expect(
                    other.digest(hashing: Self.hashing) != first.digest(hashing: Self.hashing))
            }
        }
    }

    @Test func `a fingerprint that differs in one bit has no result`() throws {
        let result = ResultFixture.result()
        let gate = EvalGate([try ResultFixture.entry(result)])
        let now = ResultFixture.ended + .seconds(3600)
        func fact(_ fingerprint: Digest) -> EvalFact {
            gate.fact(
                of: ResultFixture.agent, fingerprint: fingerprint, proof: .measured, tier: .low,
                at: now)
        }
        #expect(fact(result.fingerprint) == .passed)
        let bytes = Array(result.fingerprint.bytes)
        for place in bytes.indices {
            for bit in 0..<8 {
                var changed = bytes
                changed[place] ^= UInt8(1) << UInt8(bit)
                let other = try #require(Digest(bytes: changed))
                #expect(fact(other) == .missing, "byte \(place), bit \(bit)")
            }
        }
    }
}
