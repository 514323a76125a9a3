/// How a revision of the policy stands to the one in force, by meaning (specs of the policy, 8.3).
package enum RevisionComparison: String, Hashable, Sendable {
    case equal, narrows, widens
    case notComparable = "not-comparable"

    /// People other than the author who have to sign.
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
