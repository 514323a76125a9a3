import InterlockEvals
import InterlockJSON
package import InterlockModel
import InterlockTrust

/// A sign-off with the keys whose signatures under it verify.
package struct SignedReview: Sendable, Hashable {
    package let envelope: Envelope
    package let signOff: ReviewSignOff
    private let keys: [PublicKey]

    /// One signature that does not verify, or by a passkey, voids all.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        signOff = try ReviewSignOff(envelope)
        keys = envelope.verifiedKeys(verifier)
    }

    /// Returns the reviewers, or nil if their signatures do not suffice now: each one named signed, no other person did, and
    /// at tier high there are two. A key counts while it is not revoked, if it was valid at the date of the document, and at
    /// tier high if it was not new then.
    ///
    /// - Parameter tier: that of the agent; of the organisation the highest one of its agents.
    package func signers(among trust: AuthorizedKeys, tier: Tier) -> [Pseudonym]? {
        guard tier != .high || signOff.reviewers.count >= 2 else { return nil }
        return signers(among: trust) { $0.counts(at: signOff.date, tier: tier) }
    }

    /// Returns true if the reviewers signed it, whether or not their keys were revoked since. An entry that is not genuine
    /// was written by something else than this program.
    package func isGenuine(among trust: AuthorizedKeys) -> Bool {
        signers(among: trust) { $0.added <= signOff.date } != nil
    }

    private func signers(
        among trust: AuthorizedKeys, where counts: (EnrolledCredential) -> Bool
    ) -> [Pseudonym]? {
        guard sameBytes(trust.org, signOff.org),
            let people = trust.people(
                signingBy: keys.map { CredentialName.key($0) }, where: counts)
        else { return nil }
        guard Set(people.map(\.person)) == Set(signOff.reviewers) else { return nil }
        return people.map(\.pseudonym)
    }
}
