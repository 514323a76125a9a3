import InterlockJSON

/// A halt by a person who may stop its target, or by a node. Only `SignedOrderVerifier` makes one.
package struct AcceptedHalt: Hashable, Sendable {
    package let order: HaltOrder
    package let envelope: Envelope
    /// Is nil for a halt by a node.
    package let signature: VerifiedSignature?

    fileprivate init(order: HaltOrder, envelope: Envelope, signature: VerifiedSignature?) {
        self.order = order
        self.envelope = envelope
        self.signature = signature
    }

    /// True if the credential had expired. The halt takes effect nevertheless, and an alert should be raised.
    package var expiredKey: Bool { signature?.isExpired ?? false }
    /// The evidence for the record of the halt.
    package var evidence: [UInt8] { envelope.evidence([signature].compactMap { $0 }).serialized() }
}

/// A release that enough people signed.
package typealias AcceptedRelease = VerifiedOrder<ReleaseOrder>

/// Verifies halts and releases against the authorized keys (docs/specs/kill-switch.md, section 3). An expired
/// credential can still halt but not release; a revoked or unknown one can do neither.
///
/// The signatures need not be fresh: each covers the order with its id, and an order takes effect once, however often
/// it is sent. A released halt stays released, because released ids are kept forever; a release applies only to the
/// halts that it names and the epoch that its signers saw.
extension SignedOrderVerifier {
    /// Verifies a halt by a node's key. It needs no trust file, so it works without one.
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
        return AcceptedHalt(order: halt.order, envelope: envelope, signature: halt.signatures.first)
    }

    package func release(
        _ envelope: Envelope, _ time: Time
    ) throws(OrderRefusal) -> AcceptedRelease { try verify(envelope, time) }

    private func isNodes(_ key: PublicKey) -> Bool {
        key == ownKey || formerKeys.contains(key) || trust.nodes.contains { $0.key == key }
    }
}
