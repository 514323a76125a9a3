package import InterlockModel

/// An elevation whose author's signature was verified.
package typealias ProposedElevation = VerifiedOrder<ElevationOrder>

extension ProposedElevation {
    package var author: Person { person.person }

    /// The elevation as decisions see it once it is granted.
    package var fact: StoreElevation {
        StoreElevation(
            id: order.id.text, agent: order.agent, grants: order.grants, from: order.from,
            until: order.until, proposer: author)
    }
}

/// An approval whose signature was verified. Only `SignedOrderVerifier` makes one; the request and the policy decide
/// whether it counts.
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
    /// Verifies an approval of exactly the proposed elevation.
    ///
    /// - Parameters:
    ///   - at: the time of arrival. A stored approval is verified as of this time, but does not count if its credential
    ///     has been revoked since.
    ///   - isStored: if true, the counter of its passkey is not compared again.
    package func approval(
        _ envelope: Envelope, of proposal: ProposedElevation, at: Timestamp,
        isStored: Bool = false
    ) throws(ElevationRefusal) -> ElevationApproval {
        let signature = try verify(
            envelope, as: .elevationApproval, over: proposal, isStored ? .again(at) : .now(at))
        return ElevationApproval(signature, envelope, at: at)
    }
}
