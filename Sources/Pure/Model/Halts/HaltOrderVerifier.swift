import InterlockJSON

/// A halt whose signature and signer are verified. Only `HaltOrderVerifier` creates one.
package struct AcceptedHalt: Hashable, Sendable {
    package let order: HaltOrder
    package let envelope: Envelope
    /// The verified signature of a person, or nil if a node signed the halt.
    package let signature: VerifiedSignature?

    fileprivate init(order: HaltOrder, envelope: Envelope, signature: VerifiedSignature? = nil) {
        self.order = order
        self.envelope = envelope
        self.signature = signature
    }

    /// True if the signing key had expired. The halt is obeyed all the same, and people should be notified.
    package var expiredKey: Bool { signature?.isExpired ?? false }
    /// The evidence that the record of the halt keeps.
    package var evidence: [UInt8] { envelope.evidence([signature].compactMap { $0 }).serialized() }
}

/// A release that enough people signed. Only `HaltOrderVerifier` creates one.
package struct AcceptedRelease: Hashable, Sendable {
    package let order: ReleaseOrder
    package let envelope: Envelope
    package let signatures: [VerifiedSignature]
    package var signers: [Pseudonym] { signatures.map(\.signer) }

    fileprivate init(order: ReleaseOrder, envelope: Envelope, signatures: [VerifiedSignature]) {
        self.order = order
        self.envelope = envelope
        self.signatures = signatures
    }

    /// The evidence that the record of the release keeps.
    package var evidence: [UInt8] { envelope.evidence(signatures).serialized() }
}

/// Verifies signed orders against the authorized keys (docs/specs/kill-switch.md, section 3). A person signs by key or
/// by passkey, with the same effect.
///
/// An expired credential may still halt but no longer resume; a revoked or unknown one may do neither.
///
/// Signatures need no freshness: each covers the order with its id, and an order takes effect once, however often and
/// from wherever it is sent. A released halt stays released, because released ids are kept for ever. A release applies
/// only to the halts that it names and the epoch that its signers saw.
package struct HaltOrderVerifier: Sendable {
    package typealias Time = PersonSignatureVerifier.Time

    package var trust: AuthorizedKeys { signatures.trust }
    private let signatures: PersonSignatureVerifier
    private let verifier: any SignatureVerifier
    /// The node's own key, which is accepted even if the authorized keys do not list it.
    private let ownKey: PublicKey?

    /// - Parameter passkeys: the verifier of passkeys, or nil if signing by passkey is not configured.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier, ownKey: PublicKey? = nil,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        signatures = PersonSignatureVerifier(trust: trust, verifier: verifier, passkeys: passkeys)
        self.verifier = verifier
        self.ownKey = ownKey
    }

    /// Verifies a halt that a node issued in its own name. It needs no authorized keys, so it works even if they are
    /// missing.
    package static func ownHalt(
        _ envelope: Envelope, org: String, key: PublicKey, verifier: any SignatureVerifier
    ) throws(OrderRefusal) -> AcceptedHalt {
        let order = try haltOrder(envelope, org: org)
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else { throw .badSignature }
        guard signer == key else { throw .unknownKey }
        guard order.isFitForNode else { throw .notForNodes }
        return AcceptedHalt(order: order, envelope: envelope)
    }

    private static func haltOrder(
        _ envelope: Envelope, org: String
    ) throws(OrderRefusal) -> HaltOrder {
        guard envelope.payloadType == .halt else { throw .otherKind }
        let order: HaltOrder
        do { order = try HaltOrder(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == org else { throw .otherOrganisation(order.org) }
        return order
    }

    package func halt(_ envelope: Envelope, _ time: Time) throws(OrderRefusal) -> AcceptedHalt {
        let order = try HaltOrderVerifier.haltOrder(envelope, org: trust.org)
        guard let signature = envelope.signatures.first, envelope.signatures.count == 1 else {
            throw .badSignature
        }
        if let key = signature.key, isNodes(key) {
            guard signature.isMade(over: envelope.message, verifiedBy: verifier) else {
                throw .badSignature
            }
            guard order.isFitForNode else { throw .notForNodes }
            return AcceptedHalt(order: order, envelope: envelope)
        }
        let judged = try judge(signature, over: envelope.message, time)
        guard !order.local else { throw .notForNodes }
        guard judged.signer == order.author else { throw .notAuthor }
        try require(.kill, of: judged, time)
        return AcceptedHalt(order: order, envelope: envelope, signature: judged)
    }

    package func release(
        _ envelope: Envelope, _ time: Time
    ) throws(OrderRefusal) -> AcceptedRelease {
        let order = try releaseOrder(envelope)
        var signatures: [VerifiedSignature] = []
        for signature in envelope.signatures {
            let judged = try releaser(signature, under: envelope, of: order, time)
            guard !signatures.contains(where: { $0.signer == judged.signer }) else {
                throw .samePerson
            }
            signatures.append(judged)
        }
        let need = trust.releaseQuorum
        guard signatures.count >= need else {
            throw .tooFewPeople(have: signatures.count, need: need)
        }
        return AcceptedRelease(order: order, envelope: envelope, signatures: signatures)
    }

    /// Verifies one signature under a release, and that its signer is permitted to give it.
    func releaser(
        _ signature: Envelope.Signature, under envelope: Envelope, of order: ReleaseOrder,
        _ time: Time
    ) throws(OrderRefusal) -> VerifiedSignature {
        let judged = try judge(signature, over: envelope.message, time)
        guard order.authors.contains(judged.signer) else { throw .notAuthor }
        guard !judged.isExpired else { throw .expiredKey }
        try require(.resume, of: judged, time)
        return judged
    }

    func releaseOrder(_ envelope: Envelope) throws(OrderRefusal) -> ReleaseOrder {
        guard envelope.payloadType == .release else { throw .otherKind }
        let order: ReleaseOrder
        do { order = try ReleaseOrder(parsing: envelope.payload) } catch { throw .form(error) }
        guard order.org == trust.org else { throw .otherOrganisation(order.org) }
        return order
    }

    private func isNodes(_ key: PublicKey) -> Bool {
        key == ownKey || trust.nodes.contains { $0.key == key }
    }

    private func require(
        _ role: Role, of judged: VerifiedSignature, _ time: Time
    ) throws(OrderRefusal) {
        if case .judgedBefore = time { return }
        guard judged.person.roles.contains(role) else { throw .missingRole(role) }
    }

    private func judge(
        _ signature: Envelope.Signature, over message: [UInt8], _ time: Time
    ) throws(OrderRefusal) -> VerifiedSignature {
        do throws(SignatureRefusal) {
            return try signatures.judge(signature, over: message, time)
        } catch {
            throw OrderRefusal(error)
        }
    }
}

extension HaltOrder {
    /// True if a node's key may sign the halt: a local halt of the organisation, or a halt of an agent or a run by its
    /// detectors.
    fileprivate var isFitForNode: Bool {
        switch target {
        case .org: local
        case .agent, .run: !local
        case .owner, .server, .tool: false
        }
    }
}
