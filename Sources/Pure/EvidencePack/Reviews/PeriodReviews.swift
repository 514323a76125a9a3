import InterlockJSON
import InterlockModel

/// The signed reviews of a period, in the order of the log.
package struct PeriodReviews: Sendable {
    package private(set) var reviews: [ReviewSummary] = []
    /// The findings that no later review calls mended.
    package private(set) var open: [ReviewSummary.Finding] = []

    package init() {}

    /// Adds the next review of the log.
    package mutating func add(_ review: ReviewSummary) {
        for finding in review.earlier {
            open.removeAll { $0.isSame(as: finding) }
            if !finding.isMended { open.append(finding) }
        }
        open += review.findings
        reviews.append(review)
    }

    /// The newest review that asked about a control, with the earlier ones; nil if none did.
    package func reviewer(of control: ControlID) -> ControlFile.Reviewer? {
        let asked = reviews.filter { $0.asked.contains(control) }
        guard let newest = asked.last else { return nil }
        return ControlFile.Reviewer(
            day: newest.signed.day, review: newest.id, scope: newest.scope,
            who: newest.reviewers.joined(separator: ", "),
            earlier: asked.dropLast().map(\.id))
    }

    /// The findings of reviews against a control: those that are open, and the newest answers that are not in order.
    ///
    /// - Parameter hasNames: false leaves out the owners and the words of findings, which may name people.
    package func gaps(of control: ControlID, hasNames: Bool) -> [ControlGap] {
        var gaps: [ControlGap] = []
        for (place, review) in reviews.enumerated() {
            let isNewest = !reviews[(place + 1)...].contains { sameBytes($0.scope, review.scope) }
            for question in review.notInOrder where isNewest && question.control == control {
                gaps.append(
                    ControlGap(
                        "`\(question.rawValue)` was answered `not in order` in the review \(review.id) of `\(review.scope)`."
                    ))
            }
        }
        for finding in open where finding.control == control {
            let words = hasNames ? ": \(finding.text)" : "."
            gaps.append(
                ControlGap(
                    "Open finding \(finding.number) of the review \(finding.review), severity \(finding.severity)\(words)",
                    owner: hasNames ? finding.owner : nil, due: finding.due))
        }
        return gaps
    }
}
