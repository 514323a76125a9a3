import InterlockApprovals
import InterlockJSON
import InterlockPolicy

/// The amounts of a call in the units that the policy declares, as part of what people sign.
extension ApprovalService {
    /// Sets the amounts of a review. A review of a call without a declared unit has no such fact.
    func put(
        amountsOf call: CanonicalCall, under policy: PolicySnapshot, into facts: inout JSONObject
    ) {
        facts[ReviewFacts.amounts] = policy.reviewedAmounts(of: call.address, in: call.arguments)
    }

    /// Returns true if people would read the same amounts under `policy`.
    func isInSameUnits(_ review: ReviewDocument, under policy: PolicySnapshot) -> Bool {
        review.hasAmounts(
            policy.reviewedAmounts(of: review.call.address, in: review.call.arguments))
    }
}
