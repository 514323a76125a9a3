package import InterlockModel
package import InterlockPolicy
package import InterlockPolicyReview

/// Everything that pages show about one agent: what it may do, how that is enforced, what it did (R045).
package struct AgentDetail: Sendable {
    package let at: Timestamp
    package let line: AgentSummary
    /// The stage and the share of limits under which it acts, with those of the file.
    package let terms: AgentTerms
    package let purpose: String?
    /// The location of its description in the policy.
    package let place: PolicyLocation
    /// The text that says how its credentials are tied to a workload.
    package let workload: String
    package let policy: Digest
    /// The agent's rights, each with its use.
    package let rights: [(right: AgentRight, use: AgentUse)]
    /// The start of the counts in `rights`.
    package let countedSince: Timestamp
    /// True if some uses could not be counted.
    package let isIncomplete: Bool
    /// Is nil if it cannot be computed now.
    package let worstCase: WorstCase?
    package let limits: [LimitUsage]
    package let controls: [ControlPoint]
    /// The parts of the policy, of this agent or of all, that nothing in this version enforces.
    package let guidance: [String]
    package let holds: [RunHold]
    /// The open breakers of servers that it has scopes of.
    package let breakers: [OpenBreaker]
    /// The runs of the agent that this process knows, newest first, at most 50.
    package let runs: [RunStatus]
    /// The runs that a token may still begin or continue, with the latest end of their tokens, latest first, at most 50.
    package var tokens: [AgentTokenTerm] = []
    /// The elevations that wait for people or are granted.
    package let elevations: [OpenElevation]
    /// True if this person may read the agent's records, not only its refusals. Records are read from the audit log,
    /// where each access is recorded.
    package let reads: Bool

    /// True if nothing ties the agent's credentials to a workload.
    package var hasWeakIdentity: Bool { workload == WorkloadBinding.weak }
}

/// A run that a token may still begin or continue.
package struct AgentTokenTerm: Sendable, Hashable {
    package let run: RunID
    /// The latest time at which a token of the run may end.
    package let until: Timestamp
}

/// An elevation that waits for people or is granted.
package struct OpenElevation: Sendable {
    package let request: ElevationRequest
    /// True if it is in effect now.
    package let isLive: Bool
    /// The number of people that the policy requires, or nil if the policy does not permit this elevation any more.
    package let need: Int?
}

/// A control of this version and the point that enforces it. Parts of a policy without a control are guidance.
package struct ControlPoint: Sendable, Hashable {
    package let control: String
    package let point: String

    package static let all = [
        ControlPoint(
            control: "scope, class, tier, forbid", point: "gateway: decide, on every call"),
        ControlPoint(
            control: "approval by people",
            point: "gateway: awaitApproval and recheck, by signed votes"),
        ControlPoint(
            control: "escalation of a request that its group does not decide",
            point: "gateway: approvals, every second"),
        ControlPoint(
            control: "kill switch", point: "gateway: checkHalt, resolve, recheck, execute"),
        ControlPoint(control: "arguments fit the reviewed schema", point: "gateway: resolve"),
        ControlPoint(control: "credentials never reach the agent", point: "gateway: execute"),
        ControlPoint(
            control: "durable audit before the call and before the answer",
            point: "gateway: recordIntent, recordOutcome"),
        ControlPoint(
            control: "stdio servers reach no key, socket or state",
            point: "interlock-launch: namespaces"),
    ]
}

/// The text for an agent whose policy names no workload.
enum WorkloadBinding {
    static let weak =
        "weak: the policy names no workload, so a token is bound to its first kind of connection"
}
