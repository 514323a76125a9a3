/// A change of what shapes an agent or of its stage, as far as it matters for its credit (docs/specs/trust-and-review.md, section 4).
package enum FingerprintChange: Sendable, Hashable, CaseIterable {
    case model, prompt, skills
    case toolAdded, pinChanged, toolRemoved
    case policyEqual, policyNarrowed, policyWidened
    /// The two policies cannot be compared, or one of them is not known.
    case policyNotComparable
    /// Files changed, and it is not known which of them.
    case files
    /// A demotion takes all credit.
    case demoted

    package var effect: CreditEffect {
        switch self {
        case .model, .prompt, .toolAdded, .pinChanged, .policyWidened, .policyNotComparable, .files,
            .demoted:
            .reset
        case .skills: .halved
        // The record under wider rights still counts, and narrowing must not be punished.
        case .toolRemoved, .policyEqual, .policyNarrowed: .kept
        }
    }

    /// The change in words.
    package var text: String {
        switch self {
        case .model: "the model changed"
        case .prompt: "the prompt changed"
        case .skills: "a skill changed"
        case .toolAdded: "a tool was added"
        case .pinChanged: "the pin of a tool changed"
        case .toolRemoved: "a tool was removed"
        case .policyEqual: "the policy is equal"
        case .policyNarrowed: "the policy was narrowed"
        case .policyWidened: "the policy was widened"
        case .policyNotComparable: "the policy changed"
        case .files: "the files of the agent changed"
        case .demoted: "the agent was demoted"
        }
    }
}

/// The part of the credit that a change leaves.
package enum CreditEffect: Sendable, Hashable {
    case reset, halved, kept
}
