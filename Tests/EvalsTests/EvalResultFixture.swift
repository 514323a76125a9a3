import InterlockCredentials
import InterlockModel
import InterlockTesting

@testable import InterlockEvals

/// Results of tests, and keys that sign them.
enum ResultFixture {
    static let agent = AgentName("refunds").unwrapped
    static let owner = Person("li@acme.example").unwrapped
    static let hashing = OpenSSLHashing()
    static let pipeline = Ed25519PrivateKey(seed: [UInt8](repeating: 1, count: 32)).unwrapped
    static let personal = Ed25519PrivateKey(seed: [UInt8](repeating: 2, count: 32)).unwrapped
    /// The pipeline's key is held by no person, the personal one by the agent's owner.
    static let keys = [
        EvalKey(key: pipeline.publicKey, heldBy: []),
        EvalKey(key: personal.publicKey, heldBy: [owner]),
    ]
    static let ended = Timestamp(rfc3339: "2026-11-20T09:04:02Z").unwrapped

    static func digest(_ byte: UInt8) -> Digest {
        Digest(bytes: [UInt8](repeating: byte, count: 32)).unwrapped
    }

    static func parts(
        model: UInt8 = 1, policy: UInt8 = 2, prompt: UInt8 = 3, skills: UInt8 = 4,
        tools: UInt8 = 5, agent: AgentName = ResultFixture.agent
    ) -> AgentFingerprint {
        AgentFingerprint(
            agent: agent, model: digest(model), policy: digest(policy), prompt: digest(prompt),
            skills: digest(skills), tools: digest(tools))
    }

    static func result(
        _ verdict: EvalVerdict = .pass, parts: AgentFingerprint = ResultFixture.parts(),
        flags: [String] = [],
        isPartial: Bool = false, ended: Timestamp = ResultFixture.ended,
        maxAge: Int64 = 90 * 86_400,
        suite: UInt8 = 9, failed: Int = 0, names: FingerprintNames = .empty
    ) -> EvalResult {
        EvalResult(
            parts: parts, suite: digest(suite), cases: digest(8), baseline: digest(7),
            verdict: verdict, flags: flags, isPartial: isPartial, started: ended - .seconds(231),
            ended: ended, proof: .measured, maxAge: maxAge, runner: "interlock 1.0.0",
            classes: CaseClass.allCases.map {
                EvalResult.ClassCount(name: $0.rawValue, cases: 9)
            }, coverage: EvalResult.Coverage(touched: 9, reachable: 9),
            safety: EvalResult.Safety(
                cases: 41, failed: failed, agentTrials: 60, bound95: EvalFraction(0.0487)),
            utility: EvalResult.Utility(
                cases: 40, passed: 39,
                wilson95: EvalResult.Interval(
                    low: EvalFraction(0.8712).unwrapped, high: EvalFraction(0.9956).unwrapped),
                paired: EvalResult.Paired(
                    lost: 1, gained: 0, dropBound95: EvalFraction(0.0789).unwrapped,
                    mcnemarP: EvalFraction(1).unwrapped)), names: names, hashing: hashing)
    }

    static func signed(
        _ result: EvalResult, by key: Ed25519PrivateKey = pipeline
    ) throws -> SignedEvalResult {
        let payload = try result.canonical()
        let message = preAuthenticationEncoding(PayloadType.evalResult.text, payload)
        return try SignedEvalResult(
            Envelope(
                payloadType: .evalResult, payload: payload,
                signatures: [.key(key.publicKey, key.sign(message))]), hashing: hashing)
    }

    /// The entry of a gate, with the signatures that count.
    static func entry(
        _ result: EvalResult, by key: Ed25519PrivateKey = pipeline
    ) throws -> EvalGate.Entry {
        let signers = try signed(result, by: key)
            .signers(among: keys, verifiedBy: OpenSSLVerifier())
        return EvalGate.Entry(result: result, signers: signers, owners: [owner])
    }
}
