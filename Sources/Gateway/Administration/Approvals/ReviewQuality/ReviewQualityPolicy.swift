package import InterlockApprovals
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// The rules for observing how people decide (docs/specs/approvals.md, section 12).
package struct ReviewQualityPolicy: Sendable {
    /// The plan for probes, or nil if none are asked.
    package let plan: ProbePlan?
    /// The store of waiting probes, or nil if there are no probes.
    package let store: (any ProbeStore)?
    /// The decisions before this process; if nil, there were no decisions.
    package let logReader: (any ApprovalHistoryReader)?
    /// The most decisions of one person in any hour.
    package let capPerHour: Int
    /// True if an approval against a countermeasure is refused; if false, it only shows in the figures.
    package let refuses: Bool

    /// The default of `capPerHour`.
    package static let usualCap = 20

    package init(
        plan: ProbePlan? = nil, store: (any ProbeStore)? = nil,
        logReader: (any ApprovalHistoryReader)? = nil, capPerHour: Int = usualCap,
        refuses: Bool = true
    ) {
        self.plan = plan
        self.store = store
        self.logReader = logReader
        self.capPerHour = capPerHour
        self.refuses = refuses
    }
}

/// Reads the history of decisions from the log.
package protocol ApprovalHistoryReader: Sendable {
    /// Returns the history from all records since then that the log still has.
    func history(since: Timestamp) async throws(StoreFailure) -> ApprovalHistory
}
