import InterlockJSON

/// A halt whose signature and signer were found good. Only `HaltOrderVerifier` makes one.
package struct AcceptedHalt: Hashable, Sendable {
    package let order: HaltOrder
    package let envelope: Envelope
    /// nil for a node's own.
    package let signature: VerifiedSignature?

    fileprivate init(order: HaltOrder, envelope: Envelope, signature: VerifiedSignature? = nil) {
        self.order = order
        self.envelope = envelope
        self.signature = signature
    }

    /// Obeyed all the same; somebody should be told.
    package var expiredKey: Bool { signature?.isExpired ?? false }
    /// What its record keeps.
    package var evidence: [UInt8] { envelope.evidence([signature].compactMap { $0 }).serialized() }
}

/// A release that enough people signed. Only `HaltOrderVerifier` makes one.
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

    /// What its record keeps.
    package var evidence: [UInt8] { envelope.evidence(signatures).serialized() }
}

/// Judges signed orders by the trust file (specs of the kill switch, section 3). A person signs by a key or by a
/// passkey; both stand for the person alike.
///
/// A credential that has expired still stops and no longer resumes; a revoked or unknown one does neither.
///
/// Nothing has to be fresh in a signature: it covers the order with its id, and an order takes effect once,
/// whoever sends it how often. A halt that was released stays so, since released ids are kept for ever; a
/// release holds only for the halts that it names and the epoch that its signers saw.
package struct HaltOrderVerifier: Sendable {
    package typealias Time = PersonSignatureVerifier.Time

    package var trust: AuthorizedKeys { signatures.trust }
    private let signatures: PersonSignatureVerifier
    private let verifier: any SignatureVerifier
    /// This node's own key, which counts also where the trust file does not list it.
    private let ownKey: PublicKey?

    /// - Parameter passkeys: nil where nobody can sign by passkey.
    package init(
        trust: AuthorizedKeys, verifier: any SignatureVerifier, ownKey: PublicKey? = nil,
        passkeys: EnrolledPasskeyVerifier? = nil
    ) {
        signatures = PersonSignatureVerifier(trust: trust, verifier: verifier, passkeys: passkeys)
        self.verifier = verifier
        self.ownKey = ownKey
    }

    /// A node's halt in its own name, which needs no trust file: so it also stands when there is none.
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

    /// One signature under a release, if whoever gave it may.
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
    /// What a node's key may sign: everything in the node's own name, and what its detectors may stop.
    fileprivate var isFitForNode: Bool {
        switch target {
        case .org: local
        case .agent, .run: !local
        case .owner, .server, .tool: false
        }
    }
}
