package import InterlockModel
import InterlockPorts

/// The refusals for a call that cannot be put to people, or whose grant is not valid.
extension Refusal {
    package static func unreviewable(_ why: String, _ reason: String = "too-large-to-review")
        -> Refusal
    {
        Refusal(
            .denied, "approval", reason, "people cannot review this call: \(why)",
            outcome: .notExecuted)
    }
    package static let storeUnavailable = Refusal(
        .denied, "approval", "store-unavailable", "requests for approval cannot be kept now",
        retryAfterMilliseconds: 1000, outcome: .notExecuted)

    package static let spent = Refusal(
        .approvalDenied, "approval", "not-granted",
        "the approval was used, has lapsed or no longer covers this call; ask again",
        outcome: .notExecuted)
}
