import InterlockJSON
package import InterlockModel

/// A promotion that people can sign for a time. Its id is the digest of its snapshot, which is `evidence` in the
/// document.
package struct PromotionProposal: Sendable, Hashable {
    /// The time for which it can be signed.
    package static let validity = Duration.seconds(7 * 86_400)

    package let evidence: Digest
    package let snapshot: TrustSnapshot
    /// The document with the signatures so far; nil before the first one.
    package let document: Envelope?

    package init(evidence: Digest, snapshot: TrustSnapshot, document: Envelope? = nil) {
        self.evidence = evidence
        self.snapshot = snapshot
        self.document = document
    }

    package var agent: AgentName { snapshot.agent }
    package var end: Timestamp { snapshot.date + Self.validity }

    /// True if it can be signed. One of the future, after a clock was set back, cannot.
    package func isOpen(at now: Timestamp) -> Bool { snapshot.date <= now && now < end }

    /// Returns the reason why a document is not about this proposal; nil if it is.
    package func mismatch(of promotion: Promotion) -> String? {
        let snapshot = snapshot
        let pairs: [(String, Bool)] = [
            ("org", sameBytes(promotion.org, snapshot.org)),
            ("agent", promotion.agent == snapshot.agent),
            ("from", promotion.from == snapshot.from), ("to", promotion.to == snapshot.to),
            ("criteria", promotion.criteria == snapshot.criteria),
            ("policy", promotion.policy == snapshot.policy),
            ("fingerprint", promotion.fingerprint == snapshot.fingerprint),
            ("evidence", promotion.evidence == evidence),
            ("undoes", promotion.undoes == snapshot.undoes),
            ("date", promotion.date >= snapshot.date),
        ]
        return pairs.first { !$0.1 }?.0
    }

    /// Returns the document with further signatures. One of a person who has signed already is not added again, whatever
    /// the person signs with: a second one would void the document.
    ///
    /// - Returns: nil if the people before signed another document.
    package func adding(_ envelope: Envelope, among trust: AuthorizedKeys) -> Envelope? {
        guard let document else { return envelope }
        guard document.payloadType == envelope.payloadType, document.payload == envelope.payload
        else { return nil }
        let known = document.signatures.compactMap {
            trust.holding($0.credential)?.person.pseudonym
        }
        return Envelope(
            payloadType: document.payloadType, payload: document.payload,
            signatures: document.signatures
                + envelope.signatures.filter { signature in
                    trust.holding(signature.credential).map {
                        !known.contains($0.person.pseudonym)
                    } ?? false
                })
    }
}

extension SignedPromotion {
    /// The deciders whose credentials are among the signatures, whether or not these count.
    package func decided(among trust: AuthorizedKeys) -> [Person] {
        promotion.deciders.filter { person in
            credentials.contains { trust.holding($0)?.person.person == person }
        }
    }

    /// True if each credential among the signatures counts for an agent of this tier.
    package func hasOnlyValidCredentials(among trust: AuthorizedKeys, tier: Tier) -> Bool {
        credentials.allSatisfy {
            trust.holding($0)?.counts(at: promotion.date, tier: tier) ?? false
        }
    }

    /// True if each signature verifies and is by another one of the deciders who are named.
    package func hasOnlyDeciders(among trust: AuthorizedKeys) -> Bool {
        let people = credentials.compactMap { trust.holding($0)?.person.person }
        return !people.isEmpty && people.count == credentials.count
            && Set(people).count == people.count
            && people.allSatisfy { promotion.deciders.contains($0) }
    }
}
