import InterlockJSON
import InterlockModel

/// The signed reviews of a period, in the order of the log, and the findings that are open at its end.
package struct PeriodReviews: Sendable {
    private struct Key: Hashable {
        let review: ExactText
        let number: Int64

        init(_ finding: ReviewSummary.Finding) {
            review = ExactText(finding.review)
            number = finding.number
        }
    }

    package private(set) var reviews: [ReviewSummary] = []
    /// The findings that no later review calls mended, each with the number of those that were mentioned before it.
    private var unmended: [Key: (place: Int, finding: ReviewSummary.Finding)] = [:]
    private var mentioned = 0
    /// The place of the newest review of each scope.
    private var newest: [ExactText: Int] = [:]

    package init() {}

    /// Adds the next review of the log.
    package mutating func add(_ review: ReviewSummary) {
        follow(review)
        newest[review.scope] = reviews.count
        reviews.append(review)
    }

    /// Adds the last review of a scope that was signed before the period, of which the open findings alone count.
    ///
    /// - Returns: true if it leaves one open.
    package mutating func add(earlier review: ReviewSummary) -> Bool {
        let before = mentioned
        follow(review)
        return mentioned > before
    }

    private mutating func follow(_ review: ReviewSummary) {
        for finding in review.earlier where finding.isMended { unmended[Key(finding)] = nil }
        for finding in review.earlier.filter({ !$0.isMended }) + review.findings {
            unmended[Key(finding)] = (place: mentioned, finding: finding)
            mentioned += 1
        }
    }

    /// The findings that no later review calls mended, those that were mentioned last at the end.
    private var open: [ReviewSummary.Finding] {
        unmended.values.sorted { $0.place < $1.place }.map(\.finding)
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
            guard newest[review.scope] == place else { continue }
            for question in review.notInOrder where question.control == control {
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
