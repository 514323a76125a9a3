package import InterlockEvals
package import InterlockModel

/// One agent of a list: the verdict of the change gate on it, with its latest result.
package struct AgentEvalSummary: Sendable, Hashable {
    package let agent: AgentName
    package let owner: Person?
    package let tier: Tier
    /// The verdict on a run whose parts are proven and are those of the latest result.
    package let fact: EvalFact
    package let outlook: GateOutlook
    /// True if two people let it work for a time without a result that counts.
    package let isExcepted: Bool
    /// Its latest result, of whatever fingerprint; nil without one.
    package let latest: EvalResultSummary?
    /// The command that leads to a result that counts; nil if the agent passes.
    package let next: String?

    /// The weakest proof with which a run of the agent is served.
    package var proof: FingerprintProof { .least(at: tier) }
}

/// A result on record, as the gate judges it now.
package struct EvalResultSummary: Sendable, Hashable {
    package let result: EvalResult
    /// The verdict on a proven run of the result's fingerprint.
    package let fact: EvalFact
    /// The time from which it is too old for the tier of the agent.
    package let expires: Timestamp
    /// The parts in which the agent now differs from it.
    package let differences: [FingerprintPart]
}

/// One page of agents, those that need action first.
package struct AgentEvalListing: Sendable {
    package static let pageSize = 50

    package let lines: [AgentEvalSummary]
    /// The page number, from 1.
    package let page: Int
    package let pages: Int
    /// The number of matching agents on all pages.
    package let count: Int
    /// The number of agents of each state, whatever the filter.
    package let counts: [GateOutlook.State: Int]
    /// The time from which agents without a result are refused; nil if they are now.
    package let refusesMissingFrom: Timestamp?
}

/// The change gate and one agent.
package struct AgentEvalDetail: Sendable {
    /// The most results that are listed.
    package static let mostResults = 20
    /// The most agents that are listed as sharing a part.
    package static let mostSharing = 20

    package let line: AgentEvalSummary
    /// The fingerprint with the parts below; nil without a result, which states three of them.
    package let fingerprint: Digest?
    package let parts: [FingerprintPartStatus]
    /// The time until which a result of before a narrowing change of the policy counts; nil if none does so.
    package let carriedUntil: Timestamp?
    /// The exception that is in force.
    package let exception: EvalException?
    /// The newest result of each fingerprint, the newest first; at most `mostResults`.
    package let results: [EvalResultSummary]
    /// The number of all of them.
    package let resultCount: Int
    /// The servers of its tools.
    package let servers: [ServerName]
}

/// One part of an agent's fingerprint.
package struct FingerprintPartStatus: Sendable, Hashable {
    package let part: FingerprintPart
    /// The digest of the part: computed if `isComputed`, else that of the latest result; nil if it is not known.
    package let digest: Digest?
    /// True for policy and tools, which the gateway computes.
    package let isComputed: Bool
    /// True if the agent now differs from its latest result in it; nil without a result.
    package let isChanged: Bool?
    /// True if it lists nothing: no prompt, no skill or no model.
    package let isNothing: Bool
    /// Other visible agents whose latest results state the same, by name; at most `mostSharing`.
    package let sharing: [AgentName]
    /// The number of all of them.
    package let sharingCount: Int
}
