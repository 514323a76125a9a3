package import InterlockModel

/// The signatures that a sign-off lacks, with those who may give them.
package struct SignOffShortfall: Hashable, Sendable {
    package let author: Person
    /// The people other than the author whose signatures count, sorted.
    package let signers: [Person]
    /// The enrolled people other than the author who may sign and have not, sorted.
    package let candidates: [Person]
    /// The number of signatures that do not count.
    package let uncounted: Int
    package let comparison: RevisionComparison

    package init(
        author: Person, signers: [Person], candidates: [Person], uncounted: Int,
        comparison: RevisionComparison
    ) {
        self.author = author
        self.signers = signers
        self.candidates = candidates
        self.uncounted = uncounted
        self.comparison = comparison
    }

    /// The number of people who must sign in addition.
    package var missing: Int { max(0, comparison.signersNeeded - signers.count) }

    /// The numbers and names, as a refusal has them.
    package var words: String {
        let need = comparison.signersNeeded
        let people = need == 1 ? "person" : "people"
        var words =
            "signed by \(signers.count) of \(need) \(people) other than its author `\(author)`, "
            + "as it \(change)"
        if !signers.isEmpty { words += "; signed by " + Self.list(signers) }
        if uncounted > 0 {
            let signatures = uncounted == 1 ? "signature does" : "signatures do"
            words +=
                "; \(uncounted) \(signatures) not count: the key was revoked or has expired, or the "
                + "person is neither an owner of the policy in force nor has the role `security`"
        }
        return words
    }

    /// The advice: who may sign, and the command; or how a further person may.
    package var remedy: String {
        guard candidates.count >= missing else {
            let others =
                candidates.isEmpty
                ? "no further person may sign" : "only \(Self.list(candidates)) may sign as well"
            return "\(missing) more must sign, and \(others): put the policy in force back, start, "
                + "and invite a person with `interlock people invite EMAIL --role security`"
        }
        return "\(missing) more must sign, of \(Self.list(candidates)): "
            + "`interlock policy diff OLD NEW --sign KEY`, where OLD is the policy in force"
    }

    private var change: String {
        switch comparison {
        case .equal: "changes no decision"
        case .narrows: "narrows the policy"
        case .widens: "widens the policy"
        case .notComparable: "cannot be compared with the policy in force"
        }
    }

    /// The most people whose names are listed.
    private static let mostNamed = 5

    private static func list(_ people: [Person]) -> String {
        let named = people.prefix(mostNamed).map { "`\($0)`" }.joined(separator: ", ")
        let rest = people.count - mostNamed
        return rest > 0 ? "\(named) and \(rest) more" : named
    }
}
