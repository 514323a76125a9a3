import InterlockEvals
import InterlockGovernor
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The parts of one run that its supervisor read, or that an attester states.
struct ProvenParts: Sendable, Hashable {
    let agent: AgentName
    let prompt: Digest
    let skills: Digest
    /// Is nil from a supervisor, which does not see it: the model is then the one that the latest result names.
    var model: Digest?
}

/// The statements about evals that are on record, and the runs that were measured.
struct GateInputs: Sendable {
    var results: [AgentName: [KnownResult]] = [:]
    /// The end of the latest result that was forgotten because its agent has too many. None that ended before it is
    /// taken: it may be the pass that a forgotten failure ended.
    var forgotten: [AgentName: Timestamp] = [:]
    var carries: [AgentName: CarriedParts] = [:]
    var exceptions: [AgentName: SignedEvalException] = [:]
    /// The manifests by the id of the token.
    var manifests: [ExactText: SignedReleaseManifest] = [:]
    var runs: [RunID: ProvenParts] = [:]
    /// The models and files that hosts have named of runs.
    var shown: [RunID: NamedParts] = [:]
}

/// The keys that count now.
struct GateKeys: Sendable {
    let signers: [EvalKey]
    let attesters: [EvalKey]
    /// Is nil while the authorized keys cannot be read; nothing counts then.
    let trust: AuthorizedKeys?

    init(of policy: PolicySnapshot, _ trust: AuthorizedKeys?, at now: Timestamp) {
        func counting(_ keys: [EvalKey]) -> [EvalKey] {
            guard let trust else { return [] }
            return keys.compactMap { $0.checked(against: trust, at: now) }
        }
        signers = counting(policy.document.eval.signers)
        attesters = counting(policy.document.eval.attesters)
        self.trust = trust
    }
}

/// The results that count under one policy, and the fingerprints of agents and runs. A call looks them up without
/// computing a hash.
struct GateView: Sendable {
    /// A fingerprint, and the one for which a result still counts after a narrowing change.
    ///
    /// A class, since thousands of runs share one.
    final class Pair: Sendable {
        let parts: AgentFingerprint
        let digest: Digest
        let carried: (digest: Digest, until: Timestamp)?

        init(
            parts: AgentFingerprint, digest: Digest, carried: (digest: Digest, until: Timestamp)?
        ) {
            self.parts = parts
            self.digest = digest
            self.carried = carried
        }

        /// Returns the carried fingerprint within its day, or nil. It does not count before the day either, to which only a
        /// clock that was set back leads.
        func carried(at now: Timestamp) -> (digest: Digest, until: Timestamp)? {
            guard let carried, now < carried.until,
                carried.until - CarriedParts.length <= now + EvalGate.clockTolerance
            else { return nil }
            return carried
        }
    }

    /// The time for which a run continues after its result has become too old.
    static let lastHour = Duration.seconds(3600)

    let policy: PolicySnapshot
    /// The parts of each agent that has a result.
    private(set) var parts: [AgentName: ComputedParts]
    /// The parts for which a result still counts under this policy; a later policy has others.
    private(set) var carries: [AgentName: CarriedParts]
    private(set) var gate = EvalGate.empty
    private var declared: [AgentName: Pair] = [:]
    private var measured: [RunID: Pair] = [:]
    /// The pairs of runs whose host named a model or an instruction file that their results do not.
    private var deviating: [RunID: Pair] = [:]
    /// The pairs of what runs prove, each computed once.
    private var proven: [ProvenParts: Pair] = [:]
    private var hasPairs = false
    private var attested: [ExactText: Attested] = [:]
    private var excepted: [AgentName: EvalException] = [:]

    private struct Attested: Sendable {
        let agent: AgentName
        let pair: Pair
        let until: Timestamp
    }

    init(
        _ policy: PolicySnapshot, _ parts: [AgentName: ComputedParts],
        _ carries: [AgentName: CarriedParts]
    ) {
        self.policy = policy
        self.parts = parts
        self.carries = carries
    }

    mutating func refresh(
        _ inputs: GateInputs, _ keys: GateKeys, at now: Timestamp, hashing: any Hashing
    ) {
        var entries: [EvalGate.Entry] = []
        for (agent, known) in inputs.results {
            guard let entry = policy.agents[agent] else { continue }
            if parts[agent] == nil {
                parts[agent] = ComputedParts(of: agent, under: policy, hashing: hashing)
            }
            for one in known {
                entries.append(
                    EvalGate.Entry(
                        result: one.result, signers: one.signers(among: keys.signers),
                        owners: entry.owners))
            }
        }
        gate = EvalGate(entries)
        // A time that is over stays so, also if the clock is set back.
        let current = carries.filter { now < $0.value.until }
        if current.count < carries.count {
            carries = current
            hasPairs = false
        }
        if !hasPairs { makePairs(inputs, hashing: hashing) }
        attested = [:]
        for (credential, one) in inputs.manifests {
            let found = attest(one, keys, at: now, hashing: hashing)
            attested[credential] = found
        }
        excepted = [:]
        for (agent, one) in inputs.exceptions where isExcepted(one, keys, at: now) {
            excepted[agent] = one.exception
        }
    }

    /// Lets the next `refresh` compute all fingerprints: those of runs and agents depend on results and on the policy, and
    /// on no key.
    mutating func forgetPairs() { hasPairs = false }

    private mutating func makePairs(_ inputs: GateInputs, hashing: any Hashing) {
        (declared, measured, proven, deviating) = ([:], [:], [:], [:])
        for agent in inputs.results.keys {
            declared[agent] = pair(of: agent, nil, hashing: hashing)
        }
        for (run, one) in inputs.runs {
            let made = knownPair(of: one, hashing: hashing)
            measured[run] = made
        }
        for (run, shown) in inputs.shown { show(run, shown, hashing: hashing) }
        hasPairs = true
    }

    mutating func show(_ run: RunID, _ shown: NamedParts, hashing: any Hashing) {
        let other = otherPair(of: run, shown, hashing: hashing)
        deviating[run] = other
    }

    /// Returns nil if the run is what it proves, or what the latest result states.
    private func otherPair(of run: RunID, _ shown: NamedParts, hashing: any Hashing) -> Pair? {
        guard let tier = policy.agents[shown.agent]?.tier,
            let base = measured[run] ?? declared[shown.agent],
            let result = entry(of: base, tier) ?? gate.latest(of: shown.agent, tier: tier)
        else { return nil }
        let names = result.result.names
        let (model, files) = (shown.otherModel(than: names), shown.otherFiles(than: names))
        guard model != nil || files != nil else { return nil }
        func digest(_ other: JSONValue?, _ own: Digest) -> Digest {
            other.map { hashing.sha256($0.serialized()) } ?? own
        }
        let parts = AgentFingerprint(
            agent: shown.agent, model: digest(model, base.parts.model), policy: base.parts.policy,
            prompt: digest(files, base.parts.prompt), skills: base.parts.skills,
            tools: base.parts.tools)
        return Pair(parts: parts, digest: parts.digest(hashing: hashing), carried: nil)
    }

    /// Returns the result that counts for a pair, which may be one of before a narrowing change.
    func entry(of pair: Pair, _ tier: Tier) -> EvalGate.Entry? {
        let agent = pair.parts.agent
        if let own = gate.entry(of: agent, fingerprint: pair.digest, tier: tier) { return own }
        guard let carried = pair.carried else { return nil }
        return gate.entry(of: agent, fingerprint: carried.digest, tier: tier)
    }

    private mutating func knownPair(of one: ProvenParts, hashing: any Hashing) -> Pair? {
        if let known = proven[one] { return known }
        let made = pair(of: one.agent, one, hashing: hashing)
        // Pairs of runs that were forgotten since.
        if proven.count >= GateState.mostRuns { proven = [:] }
        proven[one] = made
        return made
    }

    /// An agent of a manifest must have workloads in the policy: its token is bound to them, and the manifest to the token.
    private mutating func attest(
        _ signed: SignedReleaseManifest, _ keys: GateKeys, at now: Timestamp,
        hashing: any Hashing
    ) -> Attested? {
        let manifest = signed.manifest
        guard let entry = policy.agents[manifest.agent], entry.workloads != nil,
            let trust = keys.trust, sameBytes(trust.org, manifest.org), now < manifest.until,
            signed.isAttested(by: keys.attesters, owners: entry.owners)
        else { return nil }
        let stated = ProvenParts(
            agent: manifest.agent, prompt: manifest.prompt, skills: manifest.skills,
            model: manifest.model)
        return knownPair(of: stated, hashing: hashing).map {
            Attested(agent: manifest.agent, pair: $0, until: manifest.until)
        }
    }

    private func isExcepted(
        _ signed: SignedEvalException, _ keys: GateKeys, at now: Timestamp
    ) -> Bool {
        guard let entry = policy.agents[signed.exception.agent], let trust = keys.trust else {
            return false
        }
        return signed.people(among: trust, owner: entry.owner, tier: entry.tier, at: now) != nil
    }

    mutating func add(_ run: RunID, _ one: ProvenParts, hashing: any Hashing) {
        let made = knownPair(of: one, hashing: hashing)
        measured[run] = made
    }

    mutating func forget(_ runs: [RunID]) {
        for run in runs { measured[run] = nil }
    }

    mutating func forget(named runs: [RunID]) {
        for run in runs { deviating[run] = nil }
    }

    mutating func end(_ run: RunID) {
        measured[run] = nil
        deviating[run] = nil
    }

    /// Returns true if a result of the agent is on record, of whatever fingerprint and verdict.
    func hasResult(_ agent: AgentName) -> Bool { gate.latest(of: agent, tier: .low) != nil }

    /// Returns the end of the exception that lets the agent work now, or nil without one.
    func exceptionEnd(of agent: AgentName, at now: Timestamp) -> Timestamp? {
        guard let exception = excepted[agent], exception.from <= now, now < exception.until else {
            return nil
        }
        return exception.until
    }

    /// Returns nil if the agent has no result.
    func pair(of run: GatedRun, at now: Timestamp) -> (pair: Pair, proof: FingerprintProof)? {
        if let pair = deviating[run.run] {
            return (pair, measured[run.run] == nil ? .declared : .measured)
        }
        return ownPair(of: run, at: now)
    }

    /// The pair of a run without what its host named; nil if the agent has no result.
    func ownPair(of run: GatedRun, at now: Timestamp) -> (pair: Pair, proof: FingerprintProof)? {
        if let pair = measured[run.run] { return (pair, .measured) }
        if let one = attested[ExactText(run.credential)], one.agent == run.agent, now < one.until {
            return (one.pair, .attested)
        }
        guard let pair = declared[run.agent] else { return nil }
        return (pair, .declared)
    }

    func fact(of run: GatedRun, at now: Timestamp) -> EvalFact {
        if exceptionEnd(of: run.agent, at: now) != nil { return .passed }
        return fact(of: run, nil, at: now)
    }

    /// - Parameter proof: how the fingerprint is taken to be known; nil for how it is.
    func fact(of run: GatedRun, _ proof: FingerprintProof?, at now: Timestamp) -> EvalFact {
        guard let known = pair(of: run, at: now) else {
            return gate.fact(
                of: run.agent, fingerprint: nil, proof: nil, tier: run.tier, at: now)
        }
        let proof = proof ?? known.proof
        let fact = fact(of: run, known.pair.digest, proof, at: now)
        guard fact == .missing, let carried = known.pair.carried(at: now) else { return fact }
        return self.fact(of: run, carried.digest, proof, at: now)
    }

    /// A run that began before its result became too old continues for an hour.
    private func fact(
        of run: GatedRun, _ fingerprint: Digest, _ proof: FingerprintProof, at now: Timestamp
    ) -> EvalFact {
        let fact = gate.fact(
            of: run.agent, fingerprint: fingerprint, proof: proof, tier: run.tier, at: now)
        guard fact == .stale, let began = run.began,
            let expiry = gate.entry(of: run.agent, fingerprint: fingerprint, tier: run.tier)?
                .expiry(at: run.tier),
            began < expiry, now >= expiry, now < expiry + Self.lastHour
        else { return fact }
        // The verdict of its last moment, by which an unproven run stays unproven.
        return gate.fact(
            of: run.agent, fingerprint: fingerprint, proof: proof, tier: run.tier,
            at: Timestamp(microseconds: expiry.microseconds - 1))
    }

    private func pair(
        of agent: AgentName, _ run: ProvenParts?, hashing: any Hashing
    ) -> Pair? {
        guard let tier = policy.agents[agent]?.tier, let own = parts[agent],
            let latest = gate.latest(of: agent, tier: tier)?.result.parts
        else { return nil }
        func fingerprint(_ computed: ComputedParts) -> AgentFingerprint {
            AgentFingerprint(
                agent: agent, model: run?.model ?? latest.model, policy: computed.policy,
                prompt: run?.prompt ?? latest.prompt, skills: run?.skills ?? latest.skills,
                tools: computed.tools)
        }
        let current = fingerprint(own)
        var carried: (digest: Digest, until: Timestamp)?
        if let carry = carries[agent], carry.to == own {
            carried = (fingerprint(carry.from).digest(hashing: hashing), carry.until)
        }
        return Pair(parts: current, digest: current.digest(hashing: hashing), carried: carried)
    }
}

extension AgentEntry {
    /// The people who answer for the agent.
    var owners: Set<Person> { owner.map { [$0] } ?? [] }
}
