package import InterlockModel

/// The number of decisions of one person and the time they took (R146). Probes are not counted.
package struct ApproverLoad: Hashable, Sendable {
    package let decidedInWeek: Int
    package let decidedInMonth: Int
    /// The approvals among the decisions of the month.
    package let approved: Int
    /// The time from the request to the decision, over the month; nil if nothing was decided.
    package let medianWait: Duration?
    /// The time from opening the page to the decision, where it was measured; nil if it never was.
    package let medianDwell: Duration?

    package static let week = Duration.seconds(7 * 86_400)
    package static let month = ApproverMetrics.window

    /// The share of approvals in the month, in percent; nil if nothing was decided.
    package var approveShare: Int? {
        decidedInMonth > 0 ? (approved * 100 + decidedInMonth / 2) / decidedInMonth : nil
    }
}

extension ApproverLoad {
    package init(_ history: ApprovalHistory, of person: Pseudonym, now: Timestamp) {
        let marks = history.waits(of: person).filter { $0.mark.at > now - Self.month }
        decidedInMonth = marks.count
        decidedInWeek = marks.count { $0.mark.at > now - Self.week }
        approved = marks.count { $0.mark.verdict == .approve }
        medianWait = ApproverMetrics.median(marks.map(\.wait))
        medianDwell = ApproverMetrics.median(marks.compactMap(\.mark.dwell))
    }
}
