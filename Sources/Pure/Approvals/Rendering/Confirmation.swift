import InterlockJSON
import InterlockModel

/// What a person types before approving at tier high: the target, or where there is none that one could type, the
/// last digits of the call's digest.
package struct Confirmation: Hashable, Sendable {
    /// What is asked for, in words.
    package let what: String
    package let text: String

    private static let digits = 6

    /// nil below tier high, unless the reader has to type all the same.
    ///
    /// - Parameter isSlow: `Countermeasure.asksTyping`
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
