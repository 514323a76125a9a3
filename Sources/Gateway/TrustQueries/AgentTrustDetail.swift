package import InterlockModel
package import InterlockPolicy
package import InterlockTrust

/// The trust of one agent: its stage, what decides it, and its record.
package struct AgentTrustDetail: Sendable {
    package let agent: AgentName
    /// The stage and the share of limits under which it acts outside a sandbox.
    package let terms: AgentTerms
    /// The limits of its stage, and the reasons for them.
    package let status: StageStatus
    /// Its record at the last reading of the log; nil before the first one, and if the log has nothing of it.
    package let record: AgentTrustRecord?
    /// True while the log is read.
    package let isReading: Bool
    /// True if the last reading failed; `record` is that of an earlier one then.
    package let hasFailed: Bool

    package init(
        agent: AgentName, terms: AgentTerms, status: StageStatus, record: AgentTrustRecord?,
        isReading: Bool, hasFailed: Bool
    ) {
        self.agent = agent
        self.terms = terms
        self.status = status
        self.record = record
        self.isReading = isReading
        self.hasFailed = hasFailed
    }
}

/// The record of one agent by the log, as of one time.
package struct AgentTrustRecord: Sendable {
    package let at: Timestamp
    package let credit: AgentCredit
    /// The changes of its stage, the newest first; at most `StageEvent.mostShown`.
    package let events: [StageEvent]

    package init(at: Timestamp, credit: AgentCredit, events: [StageEvent]) {
        self.at = at
        self.credit = credit
        self.events = events
    }
}
