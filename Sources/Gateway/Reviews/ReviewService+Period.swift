import InterlockAdministration
import InterlockGovernor
import InterlockModel
import InterlockReview

// The period of a review. Periods follow each other without a gap, so that no call is left out by the choice of dates.
extension ReviewService {
    private static let day = Duration.seconds(86_400)
    /// The longest time between the end of a period and the start of its review.
    private static let oldest = Duration.seconds(7 * 86_400)

    /// Refuses a period that is not over, that ended more than 7 days ago, or that begins after the end of the last signed
    /// one. Before the first sign-off it begins at the time from which the scope is reviewed, or before.
    ///
    /// - Throws: `otherState`; `notRead` if the log cannot be read.
    func checkPeriod(
        _ period: ReviewPeriod, of scope: ReviewScope, at now: Timestamp
    ) async throws(Problem) {
        guard period.end <= now else {
            throw Problem(.otherState, "the period ends in the future")
        }
        guard now - period.end <= Self.oldest else {
            throw Problem(.otherState, "the period ended more than 7 days ago")
        }
        guard let reviews = registry.reviews(of: scope) else { return }
        let end = reviews.signed?.signOff.period.end ?? reviews.began
        // A period has a longest length. Dates are whole days for people.
        let reachable = period.end - ReviewPeriod.longest + Self.day
        guard period.start > max(end, reachable) else { return }
        // Records before the first one that is left cannot be drawn.
        if let first = try await log.begins(), first > end, period.start <= first + Self.day {
            return
        }
        throw Problem(
            .otherState,
            "the period begins after \(end.rfc3339(fractionDigits: 0)), up to which \(scope.text) was reviewed: calls between would never be read"
        )
    }
}
