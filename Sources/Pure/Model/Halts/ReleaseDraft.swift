/// A release that waits for its second signature, for one hour.
///
/// `waiting` becomes `ready` on the signature of another person, or, in an organisation of one person,
/// by itself 15 minutes after the first.
package struct ReleaseDraft: Sendable {
    package static let life = Duration.seconds(3600)
    package static let delayOfOne = Duration.seconds(900)

    package let order: ReleaseOrder
    package let started: Timestamp
    /// What further people sign.
    package let payload: [UInt8]
    /// Of as many people.
    package private(set) var signatures: [VerifiedSignature] = []

    package enum Progress: Sendable, Equatable {
        /// How many people have signed.
        case waiting(have: Int, need: Int)
        case ready(Envelope)
        case expired
    }

    /// - Parameter envelope: the release with its first signature.
    package init(
        _ envelope: Envelope, judge: HaltOrderVerifier, now: Timestamp
    ) throws(OrderRefusal) {
        order = try judge.releaseOrder(envelope)
        payload = envelope.payload
        started = now
        guard envelope.signatures.count == 1 else { throw .badSignature }
        try add(try judged(envelope, by: judge, now: now))
    }

    package var ends: Timestamp { started + ReleaseDraft.life }

    /// What is new of these signatures over the same bytes; nothing is added yet.
    package func judged(
        _ envelope: Envelope, by judge: HaltOrderVerifier, now: Timestamp
    ) throws(OrderRefusal) -> [VerifiedSignature] {
        guard envelope.payloadType == .release, envelope.payload == payload else {
            throw .otherKind
        }
        var judged: [VerifiedSignature] = []
        for signature in envelope.signatures
        where !signatures.contains(where: { $0.signature.isOfSameUse(as: signature) }) {
            judged.append(
                try judge.releaser(signature, under: envelope, of: order, .now(now)))
        }
        return judged
    }

    /// - Throws: `samePerson`; then nothing was added.
    package mutating func add(_ judged: [VerifiedSignature]) throws(OrderRefusal) {
        let together = signatures + judged
        guard Set(together.map(\.signer)).count == together.count else { throw .samePerson }
        signatures = together
    }

    package func progress(judge: HaltOrderVerifier, now: Timestamp) -> Progress {
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
