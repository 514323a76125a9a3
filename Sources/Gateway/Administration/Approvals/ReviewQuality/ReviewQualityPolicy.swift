package import InterlockApprovals
import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// How the desk watches over the way in which people decide (specs of approvals, section 12).
package struct ReviewQualityPolicy: Sendable {
    /// nil: nobody is shown a probe.
    package let plan: ProbePlan?
    /// Where probes that wait are kept; nil where there are none.
    package let store: (any ProbeStore)?
    /// nil: nobody has decided anything before this process.
    package let trail: (any ApprovalHistoryReader)?
    /// Decisions of one person in any hour.
    package let capPerHour: Int
    /// Whether an approval against a countermeasure is refused; else it is in the figures alone.
    package let refuses: Bool

    /// In an hour, unless said otherwise.
    package static let usualCap = 20

    package init(
        plan: ProbePlan? = nil, store: (any ProbeStore)? = nil,
        trail: (any ApprovalHistoryReader)? = nil, capPerHour: Int = usualCap, refuses: Bool = true
    ) {
        self.plan = plan
        self.store = store
        self.trail = trail
        self.capPerHour = capPerHour
        self.refuses = refuses
    }
}

/// What the log says of how people have decided.
package protocol ApprovalHistoryReader: Sendable {
    /// Of all records since then that the log still has.
    func history(since: Timestamp) async throws(StoreFailure) -> ApprovalHistory
}
