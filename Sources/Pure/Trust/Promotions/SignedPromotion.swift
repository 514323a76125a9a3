import InterlockJSON
package import InterlockModel

/// A promotion with the keys and passkeys whose signatures under it verify.
package struct SignedPromotion: Sendable, Hashable {
    package let envelope: Envelope
    package let promotion: Promotion
    let credentials: [CredentialName]

    /// One signature that does not verify voids all.
    ///
    /// - Parameter passkeys: if nil, a signature by passkey does not verify.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) throws(FormError) {
        self.envelope = envelope
        promotion = try Promotion(envelope)
        credentials = envelope.verifiedCredentials(verifier, passkeys: passkeys)
    }

    /// Returns the deciders, or nil if their signatures do not suffice now: each one named signed, no other person did, and
    /// the number and independence are those of the stage. A credential counts while it is not revoked, if it was valid at
    /// the date of the document, and at tier high if it was not new then.
    package func signers(among trust: AuthorizedKeys, tier: Tier) -> [Pseudonym]? {
        signers(among: trust) { $0.counts(at: promotion.date, tier: tier) }
    }

    /// Returns true if the deciders signed it, whether or not their credentials were revoked since. An entry that is not
    /// genuine was written by something else than this program.
    package func isGenuine(among trust: AuthorizedKeys) -> Bool {
        signers(among: trust) { $0.added <= promotion.date } != nil
    }

    private func signers(
        among trust: AuthorizedKeys, where counts: (EnrolledCredential) -> Bool
    ) -> [Pseudonym]? {
        guard sameBytes(trust.org, promotion.org),
            let people = trust.people(signingBy: credentials, where: counts),
            Set(people.map(\.person)) == Set(promotion.deciders),
            promotion.hasIndependentDeciders
        else { return nil }
        return people.map(\.pseudonym)
    }
}

/// A ceiling with the key whose signature under it verifies.
package struct SignedStageDelegation: Sendable, Hashable {
    package let envelope: Envelope
    package let delegation: StageDelegation
    private let key: PublicKey?

    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        delegation = try StageDelegation(envelope)
        key = envelope.soleSigner(verifiedBy: verifier)
    }

    /// Returns the owner, or nil if no key of the owner that counts signed it.
    package func signer(among trust: AuthorizedKeys, tier: Tier) -> Pseudonym? {
        guard sameBytes(trust.org, delegation.org), let key else { return nil }
        return trust.pseudonym(
            of: delegation.owner, signingBy: key, at: delegation.date, tier: tier)
    }

    /// Returns true if the owner signed it, whether or not the key was revoked since.
    package func isGenuine(among trust: AuthorizedKeys) -> Bool {
        guard sameBytes(trust.org, delegation.org), let key,
            let (person, enrolled) = trust.holder(of: key)
        else { return false }
        return person.person == delegation.owner && enrolled.added <= delegation.date
    }
}

extension Promotion {
    /// True if the deciders have the number and independence that the stage demands: from stage 2 on not the owner
    /// alone, at stage 3 and to undo a demotion two people. An attestation of the same stage is the owner's in any case.
    package var hasIndependentDeciders: Bool {
        if from == to, !deciders.contains(owner) { return false }
        if (to == .full || undoes) && deciders.count < 2 { return false }
        return to < .bounded || deciders.contains { $0 != owner }
    }
}
