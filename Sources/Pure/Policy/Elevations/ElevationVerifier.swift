package import InterlockModel

/// An approval with a verified signature. Only `ElevationVerifier` makes one; the request and the policy
/// decide whether it counts.
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

/// An elevation whose author's signature is verified. Only `ElevationVerifier` makes one.
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

    /// The elevation as a decision uses it, once it is granted.
    package var fact: StoreElevation {
        StoreElevation(
            id: order.id.text, agent: order.agent, grants: order.grants, from: order.from,
            until: order.until, proposer: author)
    }
}

/// Verifies the signer of a statement about an elevation: a person is identified by the enrolled key or
/// passkey, never by a name.
package struct ElevationVerifier: Sendable {
    private let signatures: PersonSignatureVerifier

    /// - Parameter passkeys: the verifier of passkeys, or nil if signing by passkey is not configured.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        signatures = PersonSignatureVerifier(trust: trust, verifier: verifier, passkeys: passkeys)
    }

    /// - Parameters:
    ///   - at: the time at which the statement arrived. A stored one is verified as of its own time, but a
    ///     credential that was revoked since does not count.
    ///   - isStored: true if the counter of its passkey was compared when the statement arrived.
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

    /// Verifies an approval of exactly the proposed elevation.
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

    /// Verifies the person who ends the proposed elevation. Any enrolled person may do so, because it only
    /// takes away rights.
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
