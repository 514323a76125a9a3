import InterlockJSON

/// A halt by a person who may stop its target, or by a node. Only `SignedOrderVerifier` makes one.
package struct AcceptedHalt: Hashable, Sendable {
    package let order: HaltOrder
    package let envelope: Envelope
    /// nil for a node's own.
    package let signature: VerifiedSignature?

    fileprivate init(order: HaltOrder, envelope: Envelope, signature: VerifiedSignature?) {
        self.order = order
        self.envelope = envelope
        self.signature = signature
    }

    /// Obeyed all the same; somebody should be told.
    package var expiredKey: Bool { signature?.isExpired ?? false }
    /// What its record keeps.
    package var evidence: [UInt8] { envelope.evidence([signature].compactMap { $0 }).serialized() }
}

/// A release that enough people signed.
package typealias AcceptedRelease = VerifiedOrder<ReleaseOrder>

/// Halts and releases by the trust file (specs of the kill switch, section 3). A credential that has expired still stops
/// and no longer resumes; a revoked or unknown one does neither.
///
/// Nothing has to be fresh in a signature: it covers the order with its id, and an order takes effect once,
/// whoever sends it how often. A halt that was released stays so, since released ids are kept for ever; a
/// release holds only for the halts that it names and the epoch that its signers saw.
extension SignedOrderVerifier {
    /// A node's halt in its own name, which needs no trust file: so it also stands when there is none.
    package static func ownHalt(
        _ envelope: Envelope, org: String, key: PublicKey, verifier: any SignatureVerifier
    ) throws(OrderRefusal) -> AcceptedHalt {
        let order: HaltOrder = try read(envelope, org: org)
        guard let signer = envelope.soleSigner(verifiedBy: verifier) else { throw .badSignature }
        guard signer == key else { throw .unknownKey }
        guard order.content.isFitForNode else { throw .notForNodes }
        return AcceptedHalt(order: order, envelope: envelope, signature: nil)
    }

    package func halt(_ envelope: Envelope, _ time: Time) throws(OrderRefusal) -> AcceptedHalt {
        if let key = envelope.signatures.first?.key, isNodes(key) {
            return try Self.ownHalt(envelope, org: trust.org, key: key, verifier: verifier)
        }
        let halt = try verify(envelope, as: HaltOrder.self, time)
        guard !halt.order.local else { throw .notForNodes }
        return AcceptedHalt(
            order: halt.order, envelope: envelope, signature: halt.signatures.first)
    }

    package func release(
        _ envelope: Envelope, _ time: Time
    ) throws(OrderRefusal) -> AcceptedRelease { try verify(envelope, time) }

    private func isNodes(_ key: PublicKey) -> Bool {
        key == ownKey || trust.nodes.contains { $0.key == key }
    }
}
