package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// Judges whether results of evals cover an agent as it is now (docs/specs/evals.md, section 6). Any thread may call it.
package protocol ChangeGate: Sendable {
    /// Returns the verdict on a run. Reads memory only.
    ///
    /// A gate that does not know the policy or the agent returns `missing`.
    func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact

    /// Makes the gate ready for a policy. Must be called before the policy is in force.
    func expect(_ policy: PolicySnapshot, after old: PolicySnapshot) async

    /// Takes what a supervisor measured of a run, before the run's first call.
    func take(_ parts: MeasuredParts, of run: RunID, _ agent: AgentName)

    /// Takes what a host named of a run, from which on the run is judged by it. Must be called before the event that names
    /// it is answered.
    func show(_ part: NamedPart, of run: RunID, _ agent: AgentName)

    /// Forgets a run whose end is on record.
    func forget(_ run: RunID)

    /// Returns what to record about a refusal, or nil if one of the same agent, fingerprint, reason and differing parts
    /// was returned within the last hour. The fingerprint that is compared is that without the names of hosts, of which a
    /// run can send any number.
    func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice?
}

/// The run of an agent, as the change gate sees it.
package struct GatedRun: Sendable, Hashable {
    package let agent: AgentName
    package let run: RunID
    /// The id of its credential; empty if it has none yet.
    package let credential: String
    package let tier: Tier
    /// The digest of the policy that decides about the run.
    package let policy: Digest
    /// The time at which its credential was issued, or nil if it is not known.
    package let began: Timestamp?

    package init(
        agent: AgentName, run: RunID, credential: String = "", tier: Tier, policy: Digest,
        began: Timestamp?
    ) {
        self.agent = agent
        self.run = run
        self.credential = credential
        self.tier = tier
        self.policy = policy
        self.began = began
    }
}

/// The parts of a fingerprint that the supervisor of a run has read itself, each a complete list of `{path, sha256}` in
/// the order of the fingerprint.
package struct MeasuredParts: Sendable, Hashable {
    package let prompt: JSONValue
    package let skills: JSONValue

    package init(prompt: JSONValue, skills: JSONValue) {
        self.prompt = prompt
        self.skills = skills
    }
}

/// One part of a fingerprint that an event of a host names. It is no proof of anything: processes of the run can send
/// such an event too.
package enum NamedPart: Sendable, Hashable {
    /// The exact id of the model from now on; nil if the host switches to one that it does not name.
    case model(ExactText?)
    /// The folder in which the host works when it starts.
    case folder(ExactText)
    /// An instruction file that the host has read: its path, nil if the host does not name it; the folder in which the host
    /// works; and whether the host read it because it started.
    case instructions(ExactText?, in: ExactText?, isAtStart: Bool)
}

/// The facts of a refusal by the change gate.
package struct EvalNotice: Sendable, Hashable {
    /// The fingerprint of the agent, or nil if the gateway knows none.
    package let current: Digest?
    /// The fingerprint of its latest result, or nil if it has none.
    package let last: Digest?
    /// The names of the parts in which the two differ.
    package let parts: [String]

    package init(current: Digest?, last: Digest?, parts: [String]) {
        self.current = current
        self.last = last
        self.parts = parts
    }
}

/// The gate of a gateway whose agents are not of a policy that people write: canaries of drills, benchmarks, tests of
/// other parts.
package struct OpenGate: ChangeGate {
    package init() {}

    package func verdict(on run: GatedRun, at now: Timestamp) -> EvalFact { .passed }
    package func expect(_ policy: PolicySnapshot, after old: PolicySnapshot) async {}
    package func take(_ parts: MeasuredParts, of run: RunID, _ agent: AgentName) {}
    package func show(_ part: NamedPart, of run: RunID, _ agent: AgentName) {}
    package func forget(_ run: RunID) {}
    package func notice(of run: GatedRun, _ fact: EvalFact, at now: Timestamp) -> EvalNotice? {
        nil
    }
}
