import InterlockPolicy

/// The relation of a revision of the policy to the one in force, by meaning (docs/specs/policy.md, section
/// 8.3).
package enum RevisionComparison: String, Hashable, Sendable {
    case equal, narrows, widens
    case notComparable = "not-comparable"

    /// The number of people other than the author who must sign.
    package var signersNeeded: Int {
        switch self {
        case .equal, .narrows: 1
        case .widens, .notComparable: 2
        }
    }

    package init(_ comparison: PolicyComparison) {
        switch comparison.worst {
        case nil: self = .equal
        case .narrows: self = .narrows
        case .widens: self = .widens
        case .notComparable: self = .notComparable
        }
    }
}
