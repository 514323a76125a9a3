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

    /// Without looking at meaning: the same digest is the same policy, any other is not comparable.
    package static func byDigest(
        _ old: RevisionIdentity, _ new: RevisionIdentity
    ) -> RevisionComparison { old.digest == new.digest ? .equal : .notComparable }
}
