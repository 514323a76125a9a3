package import InterlockModel

/// How much one person has had to decide, and how long it took them (R146). Probes are in no figure.
package struct ApproverLoad: Hashable, Sendable {
    package let decidedInWeek: Int
    package let decidedInMonth: Int
    /// Of those of the month.
    package let approved: Int
    /// From the request to the decision, of the month; nil where nothing was decided.
    package let medianWait: Duration?
    /// From the page's opening to the decision, where that was measured.
    package let medianDwell: Duration?

    package static let week = Duration.seconds(7 * 86_400)
    package static let month = ApproverMetrics.window

    package init(_ history: ApprovalHistory, of person: Pseudonym, now: Timestamp) {
        let marks = history.waits(of: person).filter { $0.mark.at > now - Self.month }
        decidedInMonth = marks.count
        decidedInWeek = marks.count { $0.mark.at > now - Self.week }
        approved = marks.count { $0.mark.verdict == .approve }
        medianWait = ApproverMetrics.median(marks.map(\.wait))
        medianDwell = ApproverMetrics.median(marks.compactMap(\.mark.dwell))
    }

    package init(
        decidedInWeek: Int, decidedInMonth: Int, approved: Int, medianWait: Duration?,
        medianDwell: Duration?
    ) {
        self.decidedInWeek = decidedInWeek
        self.decidedInMonth = decidedInMonth
        self.approved = approved
        self.medianWait = medianWait
        self.medianDwell = medianDwell
    }

    /// In percent; nil where nothing was decided.
    package var approveShare: Int? {
        decidedInMonth > 0 ? (approved * 100 + decidedInMonth / 2) / decidedInMonth : nil
    }
}
