package import InterlockModel
package import InterlockPolicy
package import InterlockPorts
package import InterlockTrust

/// The facts that the checks of a deployment read: policy, configuration, log and live state at one time.
package struct DeploymentFacts: Sendable {
    package let now: Timestamp
    package let policy: PolicySnapshot
    package let drill: DrillStatus
    package let log: LedgerStatus
    /// The seconds since the last cosignature of the log; nil if none was given since the start.
    package let cosignatureSeconds: Int64?
    /// True if at least one channel notifies people of alerts.
    package let hasChannel: Bool
    /// True if an approval in haste, in a long row or above the cap is refused.
    package let refusesHaste: Bool
    /// True if people are asked about requests that are known to be bad.
    package let asksProbes: Bool
    /// Nil if it is not known.
    package let review: ReviewStatus?
    /// Nil if it is not known.
    package let governance: GovernanceFacts?

    package init(
        now: Timestamp, policy: PolicySnapshot, drill: DrillStatus, log: LedgerStatus,
        cosignatureSeconds: Int64?, hasChannel: Bool, refusesHaste: Bool, asksProbes: Bool,
        review: ReviewStatus?, governance: GovernanceFacts? = nil
    ) {
        self.now = now
        self.policy = policy
        self.drill = drill
        self.log = log
        self.cosignatureSeconds = cosignatureSeconds
        self.hasChannel = hasChannel
        self.refusesHaste = refusesHaste
        self.asksProbes = asksProbes
        self.review = review
        self.governance = governance
    }
}
