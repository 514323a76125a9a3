/// A release that waits up to one hour for its second signature.
///
/// `waiting` becomes `ready` when another person signs or, in an organisation of one person, 15 minutes after the first
/// signature.
package struct ReleaseDraft: Sendable {
    package static let life = Duration.seconds(3600)
    package static let delayOfOne = Duration.seconds(900)

    package let order: ReleaseOrder
    package let started: Timestamp
    /// The payload that further people sign.
    package let payload: [UInt8]
    /// The collected signatures, each by a different person.
    package private(set) var signatures: [VerifiedSignature] = []

    package enum Progress: Sendable, Equatable {
        /// The number of people who have signed, and the number required.
        case waiting(have: Int, need: Int)
        case ready(Envelope)
        case expired
    }

    /// - Parameter envelope: the release with its first signature.
    package init(
        _ envelope: Envelope, judge: SignedOrderVerifier, now: Timestamp
    ) throws(OrderRefusal) {
        order = try judge.read(envelope)
        payload = envelope.payload
        started = now
        guard envelope.signatures.count == 1 else { throw .badSignature }
        try add(try judged(envelope, by: judge, now: now))
    }

    package var ends: Timestamp { started + ReleaseDraft.life }

    /// Verifies the envelope's signatures that the draft does not yet contain, and returns them without adding them.
    /// The envelope must have the same payload.
    package func judged(
        _ envelope: Envelope, by judge: SignedOrderVerifier, now: Timestamp
    ) throws(OrderRefusal) -> [VerifiedSignature] {
        guard envelope.payloadType == .release, envelope.payload == payload else {
            throw .otherKind
        }
        var judged: [VerifiedSignature] = []
        for signature in envelope.signatures
        where !signatures.contains(where: { $0.signature.isOfSameUse(as: signature) }) {
            judged.append(try judge.verify(signature, under: envelope, of: order, .now(now)))
        }
        return judged
    }

    /// - Throws: `samePerson`, with no signature added.
    package mutating func add(_ judged: [VerifiedSignature]) throws(OrderRefusal) {
        let together = signatures + judged
        guard Set(together.map(\.signer)).count == together.count else { throw .samePerson }
        signatures = together
    }

    package func progress(judge: SignedOrderVerifier, now: Timestamp) -> Progress {
        let need = judge.trust.releaseQuorum
        let have = signatures.count
        if now >= ends { return .expired }
        guard have >= need else { return .waiting(have: have, need: need) }
        if need == 1, now < started + ReleaseDraft.delayOfOne {
            return .waiting(have: have, need: need)
        }
        return .ready(
            Envelope(
                payloadType: .release, payload: payload, signatures: signatures.map(\.signature)))
    }
}
