import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A bench with the change gate that a gateway has, and the key of a pipeline whose signature counts.
///
/// `reader` has tier low and may look; `clerk` has tier medium.
struct GateBench {
    static let pipeline = PersonKey.file(
        Ed25519PrivateKey(seed: [UInt8](repeating: 90, count: 32)).unwrapped)
    static let reader = AgentName("reader").unwrapped
    static let clerk = AgentName("clerk").unwrapped

    /// The parts that a result states, and that the gateway does not compute.
    static let files = MeasuredParts(prompt: [["path": "CLAUDE.md"]], skills: [])
    private static let hashing = OpenSSLHashing()

    let bench: Bench
    let log: MemoryControlLog
    let registry: ChangeGateRegistry
    let service: ChangeGateService
    let by = People.all["li"].pseudonym

    /// - Parameter signers: the keys of the policy, each with the names of its holders.
    static func policy(
        _ changes: [(String, String)] = [],
        signers: [(PersonKey, [String])] = [(GateBench.pipeline, [])]
    ) -> [(String, String)] {
        let keys = signers.map { key, holders in
            let people = holders.map { "\($0)@acme.example" }.joined(separator: ", ")
            return "{key: \"ed25519:\(key.publicKey)\", held_by: [\(people)]}"
        }
        return [
            (
                "agents:\n  clerk:",
                "eval: {signers: [\(keys.joined(separator: ", "))]}\nagents:\n  clerk:"
            )
        ] + changes
    }

    /// - Parameters:
    ///   - log: that of an earlier bench, to simulate a restart.
    ///   - earlier: the policies whose files are kept.
    ///   - isGraced: true for a store that has never started a gate, on which agents without a result are only named.
    init(
        _ changes: [(String, String)] = GateBench.policy(),
        log: MemoryControlLog = MemoryControlLog(),
        ledger: MemoryLedger = MemoryLedger(), clock: FakeClock = FakeClock(),
        earlier: [PolicySnapshot] = [], isGraced: Bool = false
    ) async throws {
        self.log = log
        let snapshot = try BenchPolicy.snapshot(changes)
        let trust = try People.all.trust(added: clock.now.wall)
        if !isGraced, !log.lines.contains("eval.gate gate") {
            let long = clock.now.wall - .seconds(15 * 86_400)
            _ = try await log.append([GateEntries.draft(since: long, seen: clock.now.wall)])
        }
        registry = try await ChangeGateRegistry(
            from: log, under: snapshot, trust: { trust }, clock: clock, hashing: Self.hashing,
            verifier: OpenSSLVerifier(),
            earlier: { last in earlier.first { $0.digest == last.digest } })
        bench = try Bench(policy: changes, ledger: ledger, evals: registry, clock: clock)
        service = ChangeGateService(gateway: bench.gateway, registry: registry)
    }

    /// The fingerprint of an agent under a policy, with one part exchanged for another.
    func parts(
        of agent: AgentName, under policy: PolicySnapshot? = nil, other: FingerprintPart? = nil
    ) throws -> AgentFingerprint {
        let policy = policy ?? bench.policy
        let hashing = Self.hashing
        func digest(_ part: FingerprintPart, _ value: Digest?) throws -> Digest {
            part == other ? hashing.sha256([9]) : try #require(value)
        }
        return AgentFingerprint(
            agent: agent, model: try digest(.model, hashing.sha256([1])),
            policy: try digest(.policy, policy.sliceDigest(of: agent, hashing: hashing)),
            prompt: try digest(.prompt, hashing.sha256(Self.files.prompt.canonical())),
            skills: try digest(.skills, hashing.sha256(Self.files.skills.canonical())),
            tools: try digest(.tools, policy.toolsDigest(of: agent, hashing: hashing)))
    }

    func result(
        of parts: AgentFingerprint, _ verdict: EvalVerdict = .pass, flags: [String] = [],
        ended: Timestamp? = nil, maxAge: Int64 = EvalResult.longestAge, isPartial: Bool = false,
        names: FingerprintNames = .empty
    ) -> EvalResult {
        let ended = ended ?? bench.clock.now.wall
        return EvalResult(
            parts: parts, suite: Self.hashing.sha256([2]), cases: Self.hashing.sha256([3]),
            baseline: nil, verdict: verdict, flags: flags, isPartial: isPartial, started: ended,
            ended: ended, proof: .declared, maxAge: maxAge, runner: "interlock test", classes: [],
            coverage: EvalResult.Coverage(touched: 1, reachable: 1),
            safety: EvalResult.Safety(cases: 1, failed: 0, agentTrials: 0, bound95: nil),
            utility: EvalResult.Utility(cases: 0, passed: 0, wilson95: nil, paired: nil),
            names: names, hashing: Self.hashing)
    }

    @discardableResult
    func submit(
        _ result: EvalResult, by key: PersonKey = GateBench.pipeline
    ) async throws -> JSONValue {
        let envelope = try key.envelope(.evalResult, try result.canonical())
        return try await service.submit(envelope.json, by: by)
    }

    /// Submits a result that passes, for the agent as it is.
    func pass(_ agent: AgentName = GateBench.reader) async throws {
        try await submit(result(of: try parts(of: agent)))
    }

    func look(_ bearer: String = "reader") async throws -> FakeExchange {
        try await Client.open(bench, as: bearer).call("look")
    }

    var refusals: [String] {
        bench.ledger.drafts(of: .evalRefused).compactMap { $0.fields["code"]?.string }
    }

    var alerts: [String] {
        bench.ledger.drafts(of: .alarmRaised).compactMap { $0.fields["code"]?.string }
            .filter { $0.hasPrefix("eval.") }
    }
}
