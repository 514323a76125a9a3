/// A question of the part on people and controls (docs/specs/trust-and-review.md, section 7, part 5).
package enum ReviewControl: String, Sendable, Hashable, CaseIterable {
    case owner, credentials, exceptions, approvers, alerts, drills, evals, promotions
    case breakGlass = "break-glass"

    /// The question for people.
    package var text: String {
        switch self {
        case .owner: "the owner is still the right one"
        case .credentials: "credentials were rotated on time"
        case .exceptions: "each exception has a reason and an end"
        case .approvers: "approvers read what they approve"
        case .alerts: "alerts were classified"
        case .drills: "the kill drill is current"
        case .evals: "flags of the eval suite are settled"
        case .promotions: "open promotions are known"
        case .breakGlass: "each use of break-glass was reviewed within 24 h"
        }
    }
}

/// The answer of the reviewer to one of them. One that is not in order has a finding that is about it.
package struct ControlAnswer: Sendable, Hashable {
    package let control: ReviewControl
    package let isInOrder: Bool

    package init(_ control: ReviewControl, isInOrder: Bool) {
        self.control = control
        self.isInOrder = isInOrder
    }
}
