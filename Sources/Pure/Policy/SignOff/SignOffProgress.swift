package import InterlockModel

/// How far the sign-off of a revision has come: who has signed, what it counts for, and who else could.
package struct SignOffProgress: Sendable, Hashable {
    /// nil while nobody has signed this very revision: the first to sign is its author.
    package let author: Person?
    /// Whether the author has signed that it is their work.
    package let isAuthors: Bool
    /// People other than the author whose signatures count, sorted.
    package let signers: [Person]
    /// Signatures by others, which count for nothing.
    package let uncounted: Int
    /// How many people other than the author have to sign; 0 if the author's own signature suffices.
    package let need: Int
    /// Who may, the author left out, sorted.
    package let eligible: [Person]
}

extension SignOffVerifier {
    /// - Parameters:
    ///   - owners: of the revision in force.
    ///   - alone: as for `judge`.
    package func progress(
        of signOff: SignOff?, of identity: RevisionIdentity, owners: Set<Person>,
        comparison: RevisionComparison, alone: SignOffBasis? = nil, at now: Timestamp
    ) -> SignOffProgress {
        let own = signOff.flatMap { $0.identity == identity ? $0 : nil }
        let worths = (own?.signatures ?? []).map { signature in
            own.flatMap { try? worth(of: signature, in: $0, owners: owners, at: now) } ?? .nothing
        }
        let eligible = trust.people.map(\.person).filter { maySign($0, owners: owners) }
        return SignOffProgress(
            author: own?.author, isAuthors: worths.contains(.authors),
            signers: Set(
                worths.compactMap { if case .counts(let person) = $0 { person } else { nil } }
            ).sorted(), uncounted: worths.count { $0 == .nothing },
            need: alone == nil ? comparison.signersNeeded : 0,
            eligible: eligible.filter { $0 != own?.author }.sorted())
    }
}

extension PolicyRevision {
    /// What this person would sign: the sign-off that lies beside the revision when it is of this very one; else a
    /// new one, of which whoever signs first is the author.
    package func signOff(for person: Person) -> SignOff {
        if let signOff, signOff.identity == identity { return signOff }
        return SignOff(identity: identity, author: person)
    }
}
