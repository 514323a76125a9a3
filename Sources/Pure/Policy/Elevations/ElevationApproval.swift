package import InterlockModel

/// An elevation that its author really signed.
package typealias ProposedElevation = VerifiedOrder<ElevationOrder>

extension ProposedElevation {
    package var author: Person { person.person }

    /// As a decision sees it, once it was granted.
    package var fact: StoreElevation {
        StoreElevation(
            id: order.id.text, agent: order.agent, grants: order.grants, from: order.from,
            until: order.until, proposer: author)
    }
}

/// An approval whose signature was verified. Only `SignedOrderVerifier` makes one; whether it counts is for
/// the request and the policy to say.
package struct ElevationApproval: Hashable, Sendable {
    package let envelope: Envelope
    package let signature: VerifiedSignature
    package let at: Timestamp

    fileprivate init(_ signature: VerifiedSignature, _ envelope: Envelope, at: Timestamp) {
        self.envelope = envelope
        self.signature = signature
        self.at = at
    }

    package var person: Person { signature.person.person }
    package var pseudonym: Pseudonym { signature.signer }
    package var hasSecurityRole: Bool { signature.person.roles.contains(.security) }
}

extension SignedOrderVerifier {
    /// An approval of exactly what was proposed.
    ///
    /// - Parameters:
    ///   - at: when it came; a stored one is verified at its own time, but a credential that was revoked since
    ///     counts no more.
    ///   - isStored: the counter of its passkey was compared when it came.
    package func approval(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp,
        isStored: Bool = false
    ) throws(ElevationRefusal) -> ElevationApproval {
        let signature = try verify(
            envelope, as: .elevationApproval, over: proposal, isStored ? .again(at) : .now(at))
        return ElevationApproval(signature, envelope, at: at)
    }
}
