import InterlockChangeGate
import InterlockCredentials
import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPorts

/// Measures what the change gate costs a call: its look-up among the results of 1,000 agents, compared with a gate that
/// passes every run (docs/specs/evals.md, section 11).
enum GateLookupBench {
    private static let agents = 1_000
    private static let times = 200_000
    private static let rounds = 9
    private static let hashing = OpenSSLHashing()

    /// `call_ns`: the added time of one call, which is judged at its decision and again before it is sent.
    static func measured() async throws -> JSONObject {
        let clock = SystemClock()
        let now = clock.now.wall
        guard let key = Ed25519PrivateKey(seed: [UInt8](repeating: 9, count: 32)) else {
            throw Misuse.world
        }
        let names = (0..<agents).compactMap { AgentName("agent-\($0)") }
        let policy = try snapshot(of: names, signer: key.publicKey, at: now)
        let results = try results(of: names, under: policy, by: key, at: now)
        let gate = try await ChangeGateRegistry(
            from: KnownResults(results: results), under: policy,
            trust: { AuthorizedKeys.nobody(org: "bench") }, clock: clock, hashing: hashing,
            verifier: OpenSSLVerifier())
        let runs = names.enumerated().map { number, agent in
            GatedRun(
                agent: agent,
                run: RunID(
                    milliseconds: Int64(number), random: [UInt8](repeating: 1, count: 10)),
                tier: .low, policy: policy.digest, began: now)
        }
        let lookup = nanoseconds(gate, runs, at: now)
        let open = nanoseconds(OpenGate(), runs, at: now)
        return [
            "agents": .integer(Int64(agents)), "lookup_ns": .integer(Int64(lookup.rounded())),
            "open_ns": .integer(Int64(open.rounded())),
            "call_ns": .integer(Int64((2 * (lookup - open)).rounded())),
        ]
    }

    /// The median time of one verdict; each must be that the run passes.
    private static func nanoseconds(
        _ gate: any ChangeGate, _ runs: [GatedRun], at now: Timestamp
    ) -> Double {
        var found: [Double] = []
        for _ in 0..<rounds {
            let start = ContinuousClock.now
            for time in 0..<times {
                let fact = gate.verdict(on: runs[time % agents], at: now)
                precondition(fact == .passed, "the gate passes each run")
            }
            found.append((ContinuousClock.now - start).nanoseconds / Double(times))
        }
        return found.sorted()[rounds / 2]
    }

    /// The entries of a control log with a passing result of each agent.
    private static func results(
        of names: [AgentName], under policy: PolicySnapshot, by key: Ed25519PrivateKey,
        at now: Timestamp
    ) throws -> [ControlEntry] {
        let slices = policy.sliceDigests(of: names, hashing: hashing)
        let other = hashing.sha256([1])
        var entries: [ControlEntry] = []
        var head = ControlHead.empty
        for agent in names {
            guard let slice = slices[agent],
                let tools = policy.toolsDigest(of: agent, hashing: hashing)
            else { throw Misuse.world }
            let parts = AgentFingerprint(
                agent: agent, model: other, policy: slice, prompt: other, skills: other,
                tools: tools)
            let result = EvalResult(
                parts: parts, suite: other, cases: other, baseline: nil, verdict: .pass,
                flags: [], isPartial: false, started: now, ended: now, proof: .declared,
                maxAge: EvalResult.longestAge, runner: "bench", classes: [],
                coverage: EvalResult.Coverage(touched: 1, reachable: 1),
                safety: EvalResult.Safety(cases: 1, failed: 0, agentTrials: 0, bound95: nil),
                utility: EvalResult.Utility(cases: 0, passed: 0, wilson95: nil, paired: nil),
                hashing: hashing)
            let payload = try result.canonical()
            let signature = key.sign(
                preAuthenticationEncoding(PayloadType.evalResult.text, payload))
            let envelope = Envelope(
                payloadType: .evalResult, payload: payload,
                signatures: [.key(key.publicKey, signature)])
            let entry = try ControlEntry(
                ControlDraft(
                    .evalResult, "\(agent.text) \(result.fingerprint.prefixed)",
                    ["signed": envelope.json]), after: head, node: "gw1", at: now,
                hashing: hashing)
            head = ControlHead(number: entry.number, digest: entry.digest)
            entries.append(entry)
        }
        return entries
    }

    private static func snapshot(
        of names: [AgentName], signer: PublicKey, at now: Timestamp
    ) throws -> PolicySnapshot {
        let head = """
            interlock: 1
            org: bench
            kill_switch: org-wide, tested monthly
            eval: {signers: [{key: "ed25519:\(signer.base64)", held_by: []}]}
            servers:
              desk:
                tools:
                  look: {class: read}
            agents:

            """
        let agents = names.map { name in
            """
              \(name.text):
                owner: li@bench.example
                purpose: Is looked up at the change gate
                tier: low
                stage: trusted
                review_by: "2037-02-01"
                mcp_scopes: {desk: [look]}

            """
        }
        return try StageWorld.snapshot(of: head + agents.joined(), at: now)
    }
}

/// A control log that has results of evals, and takes nothing.
private struct KnownResults: ControlLog {
    let results: [ControlEntry]

    func append(_ drafts: [ControlDraft]) async throws(StoreFailure) -> [ControlEntry] { [] }
    func entries(
        after number: Int64, most: Int
    ) async throws(StoreFailure) -> [StoredControlEntry] { [] }
    func newest(of kinds: Set<ControlKind>) async throws(StoreFailure) -> [ControlEntry] {
        results.filter { kinds.contains($0.kind) }
    }
    func heads() -> AsyncStream<Int64> { AsyncStream { $0.finish() } }
}
