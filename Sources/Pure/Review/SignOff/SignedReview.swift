import InterlockJSON
package import InterlockModel
import InterlockTrust

/// A sign-off with the keys and passkeys whose signatures under it verify.
package struct SignedReview: Sendable, Hashable {
    package let envelope: Envelope
    package let signOff: ReviewSignOff
    private let credentials: [CredentialName]

    /// One signature that does not verify voids all.
    ///
    /// - Parameter passkeys: if nil, a signature by passkey does not verify.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) throws(FormError) {
        self.envelope = envelope
        signOff = try ReviewSignOff(envelope)
        credentials = envelope.verifiedCredentials(verifier, passkeys: passkeys)
    }

    /// Returns the reviewers, or nil if their signatures do not suffice now: each one named signed, no other person did, and
    /// at tier high there are two. A credential counts while it is not revoked, if it was valid at the date of the document,
    /// and at tier high if it was not new then.
    ///
    /// - Parameter tier: that of the agent; of the organisation the highest one of its agents.
    package func signers(among trust: AuthorizedKeys, tier: Tier) -> [Pseudonym]? {
        guard tier != .high || signOff.reviewers.count >= 2 else { return nil }
        return signers(among: trust) { $0.counts(at: signOff.date, tier: tier) }
    }

    /// Returns true if the reviewers signed it, whether or not their credentials were revoked since. An entry that is not
    /// genuine was written by something else than this program.
    package func isGenuine(among trust: AuthorizedKeys) -> Bool {
        signers(among: trust) { $0.added <= signOff.date } != nil
    }

    private func signers(
        among trust: AuthorizedKeys, where counts: (EnrolledCredential) -> Bool
    ) -> [Pseudonym]? {
        guard sameBytes(trust.org, signOff.org),
            let people = trust.people(signingBy: credentials, where: counts)
        else { return nil }
        guard Set(people.map(\.person)) == Set(signOff.reviewers) else { return nil }
        return people.map(\.pseudonym)
    }
}

// Documents that not all reviewers have signed yet.
extension SignedReview {
    /// True if each signature verifies and is by another reviewer who is named.
    package func hasOnlyReviewers(among trust: AuthorizedKeys) -> Bool {
        guard !credentials.isEmpty, sameBytes(trust.org, signOff.org) else { return false }
        guard let people = trust.people(signingBy: credentials, where: { _ in true }) else {
            return false
        }
        return people.allSatisfy { signOff.reviewers.contains($0.person) }
    }

    /// True if each credential counts now. One that does not would keep the document from ever being whole.
    package func hasOnlyValidCredentials(among trust: AuthorizedKeys, tier: Tier) -> Bool {
        let valid = trust.people(signingBy: credentials) {
            $0.counts(at: signOff.date, tier: tier)
        }
        return valid != nil
    }

    /// The reviewers who have signed.
    package func signed(among trust: AuthorizedKeys) -> [Person] {
        let people = trust.people(signingBy: credentials, where: { _ in true }) ?? []
        return people.map(\.person)
    }
}

extension ReviewSignOff {
    /// Returns true if a reviewer has signed, and others have to. If all have signed, the last step failed, and any of them
    /// takes it again.
    ///
    /// - Parameter signed: the reviewers who have signed.
    package func isAwaitingOthers(than person: Person, signed: [Person]) -> Bool {
        signed.contains(person) && Set(signed) != Set(reviewers)
    }
}
