import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The answer of the gate about one agent.
struct GateCheck {
    let fact: EvalFact
    let agent: AgentName
    let parts: AgentFingerprint
    /// The digest of the suite on disk; nil if there is none.
    let suite: Digest?
    private let fingerprint: Digest
    private let latest: EvalResult?
    /// The parts in which the latest result differs from the current fingerprint.
    private let differences: [FingerprintPart]
    /// True if the latest result is of another suite than the one on disk.
    private let isOfOtherSuite: Bool
    private let hasSuite: Bool
    private let tier: Tier
    /// True if a key must be listed in another revision too.
    private let isBesideBase: Bool
    /// True if the policy has the agent at stage observe, at which the gateway denies every call and asks no gate.
    private let isObserved: Bool

    /// True if the gate refuses nothing of the agent.
    var passes: Bool { fact == .passed || isObserved }

    /// - Parameter base: the revision whose policy must list the keys that count, too; nil for none.
    init(
        _ agent: AgentName, _ input: EvalInput, manifest: String?, base: BaseRevision? = nil
    ) throws(Failure) {
        let folder = SuiteFolder(agent, in: input.root)
        let parts = try input.fingerprint(of: agent, manifest: manifest)
        let hashing = OpenSSLHashing()
        let entry = input.policy.agents[agent]
        let owners = Set([entry?.owner, base?.owner(of: agent)].compactMap { $0 })
        let listed = input.policy.document.eval.signers
        let keys =
            base.map { EvalKey.listed(in: listed, and: $0.signers, owners: owners) } ?? listed
        isBesideBase = base != nil
        isObserved = entry?.stage == .observe
        let own = try StoredResult.all(in: folder.results).filter { $0.result.agent == agent }
        let entries = own.map { stored -> EvalGate.Entry in
            let signers =
                stored.signed?.signers(among: keys, verifiedBy: OpenSSLVerifier()) ?? []
            return EvalGate.Entry(result: stored.result, signers: signers, owners: owners)
        }
        let newest = own.latest?.result
        hasSuite = folder.exists
        tier = entry?.tier ?? .high
        var suites: [AgentName: Digest] = [:]
        if hasSuite { suites[agent] = try folder.read().digest }
        self.agent = agent
        self.parts = parts
        suite = suites[agent]
        fingerprint = parts.digest(hashing: hashing)
        latest = newest
        differences = newest?.parts.differences(from: parts) ?? []
        isOfOtherSuite = newest.map { $0.suite != suites[agent] } ?? false
        guard hasSuite else {
            fact = .missing
            return
        }
        // The gateway judges whether a run proves its fingerprint; this command has read the files.
        fact = EvalGate(entries, suites: suites).fact(
            of: agent, fingerprint: fingerprint, proof: .measured,
            tier: tier, at: input.now)
    }

    /// The reason in words; nil if the gate is satisfied.
    private var why: String? {
        switch fact {
        case .passed: nil
        case .missing where !hasSuite: "there is no suite"
        case .missing where latest == nil: "there is no result"
        case .missing where !differences.isEmpty:
            "changed since the last result: "
                + differences.map(\.rawValue).joined(separator: ", ")
        case .missing where isOfOtherSuite: "the suite changed since the last result"
        case .missing: "no result is of this fingerprint"
        case .failed: "the last result did not pass, or is partial"
        case .stale: "the last result is too old"
        case .unsigned where isBesideBase:
            "no key that `eval.signers` lists both here and in the revision signed the last result, or one "
                + "that the agent's owner can use alone"
        case .unsigned:
            "no key of `eval.signers` signed the last result, or one that the agent's owner can use alone"
        case .thin: "the suite is too thin for the agent's tier"
        case .unproven: "the fingerprint is not proven"
        }
    }

    private var command: String {
        switch fact {
        case .thin: "interlock eval lint \(agent)"
        case .missing where !hasSuite && tier == .low:
            "interlock eval run \(agent) --starter --sign KEY"
        case .missing where !hasSuite:
            "interlock eval run \(agent) --starter writes a beginning; then interlock eval lint \(agent)"
        case .unsigned:
            "interlock eval run \(agent) --sign KEY, a key of `eval.signers`; above tier low one "
                + "that the agent's owner cannot use alone"
        default: "interlock eval run \(agent) --sign KEY"
        }
    }

    var line: String {
        guard let reason = fact.reason, let why else {
            return "\(agent): passed, \(fingerprint.prefixed)"
        }
        guard !isObserved else {
            return "\(agent): passed, at stage observe no result is needed\n"
                + "  note: above it, \(reason): \(why)"
        }
        return "\(agent): \(reason), \(why)\n  help: \(command)"
    }

    var json: JSONValue {
        [
            "agent": .string(agent.text), "fact": .string(fact.rawValue),
            "observed": .bool(isObserved),
            "reason": fact.reason.map { .string($0) } ?? .null,
            "why": why.map { .string($0) } ?? .null,
            "fingerprint": .string(fingerprint.prefixed),
            "latest": latest.map { .string($0.fingerprint.prefixed) } ?? .null,
            "differences": .strings(differences.map(\.rawValue)),
            "help": fact == .passed ? .null : .string(command),
        ]
    }
}
