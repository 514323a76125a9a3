package import InterlockModel

/// An approval whose signature was verified. Only `ElevationVerifier` makes one; whether it counts is for
/// the request and the policy to say.
package struct ElevationApproval: Hashable, Sendable {
    package let person: Person
    package let pseudonym: Pseudonym
    package let hasSecurityRole: Bool
    package let envelope: Envelope
    package let signature: VerifiedSignature
    package let at: Timestamp

    fileprivate init(_ signature: VerifiedSignature, _ envelope: Envelope, at: Timestamp) {
        person = signature.person.person
        pseudonym = signature.signer
        hasSecurityRole = signature.person.roles.contains(.security)
        self.envelope = envelope
        self.signature = signature
        self.at = at
    }
}

/// An elevation that its author really signed. Only `ElevationVerifier` makes one.
package struct ProposedElevation: Hashable, Sendable {
    package let order: ElevationOrder
    package let author: Person
    package let envelope: Envelope
    package let signature: VerifiedSignature

    fileprivate init(order: ElevationOrder, envelope: Envelope, signature: VerifiedSignature) {
        self.order = order
        author = signature.person.person
        self.envelope = envelope
        self.signature = signature
    }

    /// As a decision sees it, once it was granted.
    package var fact: StoreElevation {
        StoreElevation(
            id: order.id.text, agent: order.agent, grants: order.grants, from: order.from,
            until: order.until, proposer: author)
    }
}

/// Finds out who signed what about an elevation: the person by the enrolled key or passkey, never by a name.
package struct ElevationVerifier: Sendable {
    private let signatures: PersonSignatureVerifier

    /// - Parameter passkeys: nil where nobody can sign by passkey.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        signatures = PersonSignatureVerifier(trust: trust, verifier: verifier, passkeys: passkeys)
    }

    /// - Parameters:
    ///   - at: when the statement came; a stored one is judged at its own time, but a credential that
    ///     was revoked since counts no more.
    ///   - isStored: the counter of its passkey was compared when it came.
    package func proposal(
        _ envelope: Envelope, at: Timestamp, isStored: Bool = false
    ) throws(ElevationRefusal) -> ProposedElevation {
        guard envelope.payloadType == .elevationRequest else { throw .otherKind }
        let order: ElevationOrder
        do { order = try ElevationOrder(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == signatures.trust.org else { throw .otherOrganisation(order.org) }
        let signature = try signature(of: envelope, at: at, isStored)
        guard signature.signer == order.author else { throw .notAuthor }
        return ProposedElevation(order: order, envelope: envelope, signature: signature)
    }

    /// An approval of exactly what was proposed.
    package func approval(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp,
        isStored: Bool = false
    ) throws(ElevationRefusal) -> ElevationApproval {
        guard envelope.payloadType == .elevationApproval,
            envelope.payload == proposal.envelope.payload
        else { throw .otherKind }
        return ElevationApproval(
            try signature(of: envelope, at: at, isStored), envelope, at: at)
    }

    /// Who ends what was proposed. Anyone enrolled may: it only takes away.
    package func ender(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp
    ) throws(ElevationRefusal) -> VerifiedSignature {
        guard envelope.payloadType == .elevationEnd, envelope.payload == proposal.envelope.payload
        else { throw .otherKind }
        return try signature(of: envelope, at: at, false)
    }

    private func signature(
        of envelope: Envelope, at: Timestamp, _ isStored: Bool
    ) throws(ElevationRefusal) -> VerifiedSignature {
        let signature: VerifiedSignature
        do throws(SignatureRefusal) {
            signature = try signatures.sole(of: envelope, isStored ? .again(at) : .now(at))
        } catch {
            throw ElevationRefusal(error)
        }
        guard !signature.isExpired else { throw .expiredKey }
        return signature
    }
}
