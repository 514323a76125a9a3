package import InterlockModel
import InterlockPolicy

/// The progress of a revision's sign-off: who has signed, which signatures count, and who else could sign.
package struct SignOffProgress: Sendable, Hashable {
    /// The author, or nil while this very revision has no signature: the first to sign is its author.
    package let author: Person?
    /// True if the author has signed to claim the work.
    package let isAuthors: Bool
    /// People other than the author whose signatures count, sorted.
    package let signers: [Person]
    /// The number of signatures by others that do not count.
    package let uncounted: Int
    /// The number of people other than the author who must sign; 0 if the author's own signature suffices.
    package let need: Int
    /// The people who may sign, without the author, sorted.
    package let eligible: [Person]

    /// Returns true if this person may sign first, as the author. Where the author's own signature suffices, it must be
    /// one that counts: a claim by another person would only make the revision need more people.
    package func mayBeAuthor(_ person: Person) -> Bool { need > 0 || eligible.contains(person) }
}

extension SignOffVerifier {
    /// - Parameters:
    ///   - owners: the owners of the revision in force.
    ///   - alone: see `judge`.
    package func progress(
        of signOff: SignOff?, of identity: RevisionIdentity, owners: Set<Person>,
        comparison: RevisionComparison, alone: SignOffBasis? = nil, at now: Timestamp
    ) -> SignOffProgress {
        let own = signOff.flatMap { $0.identity == identity ? $0 : nil }
        let worths = (own?.signatures ?? []).map { signature in
            own.flatMap { try? worth(of: signature, in: $0, owners: owners, at: now) } ?? .nothing
        }
        let eligible = trust.people.map(\.person).filter { maySign($0, owners: owners) }
        let isAuthorEnough =
            alone != nil && (own.map { maySign($0.author, owners: owners) } ?? true)
        return SignOffProgress(
            author: own?.author, isAuthors: worths.contains(.authors),
            signers: Set(
                worths.compactMap { if case .counts(let person) = $0 { person } else { nil } }
            ).sorted(), uncounted: worths.count { $0 == .nothing },
            need: isAuthorEnough ? 0 : comparison.signersNeeded,
            eligible: eligible.filter { $0 != own?.author }.sorted())
    }
}

extension PolicyRevision {
    /// The sign-off for this person to sign: the one next to the revision if it is about this very
    /// revision, otherwise a new one with this person as the author.
    package func signOff(for person: Person) -> SignOff {
        if let signOff, signOff.identity == identity { return signOff }
        return SignOff(identity: identity, author: person)
    }
}
