import InterlockJSON
import InterlockModel

/// The text that a person must type before approving at tier high: the target, or, if it is missing or has special
/// characters, the last digits of the call's digest.
package struct Confirmation: Hashable, Sendable {
    /// A description of the required text.
    package let what: String
    package let text: String

    private static let digits = 6

    /// Returns nil below tier high, unless the approver must type for another reason.
    ///
    /// - Parameter isSlow: whether the reader must type at every tier; see `Countermeasure.asksTyping`.
    package init?(of request: ApprovalRequest, isSlow: Bool = false) {
        guard request.decision.tier == .high || isSlow else { return nil }
        if let target = request.review.facts["target"]?.string, !target.isEmpty {
            let shown = RevealedText(target)
            if shown.warnings.isEmpty, shown.line == target {
                what = "the target"
                text = target
                return
            }
        }
        what = "the last six digits of the call's digest"
        text = String(request.callDigest.hex.suffix(Self.digits))
    }
}
