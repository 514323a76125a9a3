import InterlockEvals
import InterlockGovernor
import InterlockModel
import InterlockPolicy

/// A measured run, with the parts that its supervisor read.
struct MeasuredRun: Sendable, Hashable {
    let agent: AgentName
    let prompt: Digest
    let skills: Digest
}

/// The results that count under one policy, and the fingerprints of agents and runs. A call looks them up without
/// computing a hash.
struct GateView: Sendable {
    /// A fingerprint, and the one for which a result still counts after a narrowing change.
    struct Pair: Sendable {
        let parts: AgentFingerprint
        let digest: Digest
        let carried: (digest: Digest, until: Timestamp)?
    }

    /// The time for which a run goes on after its result has become too old.
    static let lastHour = Duration.seconds(3600)

    let policy: PolicySnapshot
    /// The parts of each agent that has a result.
    private(set) var parts: [AgentName: ComputedParts]
    private(set) var gate = EvalGate.empty
    private var declared: [AgentName: Pair] = [:]
    private var measured: [RunID: Pair] = [:]

    init(_ policy: PolicySnapshot, _ parts: [AgentName: ComputedParts]) {
        self.policy = policy
        self.parts = parts
    }

    /// - Parameters:
    ///   - keys: those that count now.
    ///   - runs: the measured runs.
    mutating func refresh(
        _ results: [AgentName: [KnownResult]], keys: [EvalKey],
        _ carries: [AgentName: CarriedParts], _ runs: [RunID: MeasuredRun], hashing: any Hashing
    ) {
        var entries: [EvalGate.Entry] = []
        for (agent, known) in results {
            guard let entry = policy.agents[agent] else { continue }
            if parts[agent] == nil {
                parts[agent] = ComputedParts(of: agent, under: policy, hashing: hashing)
            }
            let owners: Set<Person> = entry.owner.map { [$0] } ?? []
            for one in known {
                entries.append(
                    EvalGate.Entry(
                        result: one.result, signers: one.signers(among: keys), owners: owners))
            }
        }
        gate = EvalGate(entries)
        declared = [:]
        for agent in results.keys {
            declared[agent] = pair(of: agent, nil, carries[agent], hashing: hashing)
        }
        measured = [:]
        for (run, one) in runs {
            measured[run] = pair(of: one.agent, one, carries[one.agent], hashing: hashing)
        }
    }

    mutating func add(
        _ run: RunID, _ one: MeasuredRun, _ carry: CarriedParts?, hashing: any Hashing
    ) {
        measured[run] = pair(of: one.agent, one, carry, hashing: hashing)
    }

    /// Returns nil if the agent has no result.
    func pair(of run: GatedRun) -> Pair? { measured[run.run] ?? declared[run.agent] }

    func fact(of run: GatedRun, at now: Timestamp) -> EvalFact {
        let proof: FingerprintProof = measured[run.run] == nil ? .declared : .measured
        return fact(of: run, proof, at: now)
    }

    /// - Parameter proof: how the fingerprint of the run is known.
    func fact(of run: GatedRun, _ proof: FingerprintProof, at now: Timestamp) -> EvalFact {
        guard let pair = pair(of: run) else {
            return gate.fact(
                of: run.agent, fingerprint: nil, proof: nil, tier: run.tier, at: now)
        }
        let fact = fact(of: run, pair.digest, proof, at: now)
        guard fact == .missing, let carried = pair.carried, now < carried.until else {
            return fact
        }
        return self.fact(of: run, carried.digest, proof, at: now)
    }

    /// A run that began before its result became too old goes on for an hour.
    private func fact(
        of run: GatedRun, _ fingerprint: Digest, _ proof: FingerprintProof, at now: Timestamp
    ) -> EvalFact {
        let fact = gate.fact(
            of: run.agent, fingerprint: fingerprint, proof: proof, tier: run.tier, at: now)
        guard fact == .stale, let began = run.began,
            let expiry = gate.entry(of: run.agent, fingerprint: fingerprint)?.expiry(at: run.tier),
            began < expiry, now >= expiry, now < expiry + Self.lastHour
        else { return fact }
        // The verdict of its last moment, by which an unproven run stays unproven.
        return gate.fact(
            of: run.agent, fingerprint: fingerprint, proof: proof, tier: run.tier,
            at: Timestamp(microseconds: expiry.microseconds - 1))
    }

    /// The model is the one that the latest result names: a supervisor does not see it.
    private func pair(
        of agent: AgentName, _ run: MeasuredRun?, _ carry: CarriedParts?, hashing: any Hashing
    ) -> Pair? {
        guard let latest = gate.latest(of: agent)?.result.parts, let own = parts[agent] else {
            return nil
        }
        func fingerprint(_ computed: ComputedParts) -> AgentFingerprint {
            AgentFingerprint(
                agent: agent, model: latest.model, policy: computed.policy,
                prompt: run?.prompt ?? latest.prompt, skills: run?.skills ?? latest.skills,
                tools: computed.tools)
        }
        let current = fingerprint(own)
        var carried: (digest: Digest, until: Timestamp)?
        if let carry, carry.to == own {
            carried = (fingerprint(carry.from).digest(hashing: hashing), carry.until)
        }
        return Pair(parts: current, digest: current.digest(hashing: hashing), carried: carried)
    }
}
