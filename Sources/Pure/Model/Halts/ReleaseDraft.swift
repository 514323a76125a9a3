/// A release that waits for its second signature, for one hour.
///
/// `waiting` becomes `ready` on the signature of another person, or, in an organisation of one person,
/// by itself 15 minutes after the first.
package struct ReleaseDraft: Sendable {
    package static let life = Duration.seconds(3600)
    package static let delayOfOne = Duration.seconds(900)

    package let order: ReleaseOrder
    package let started: Timestamp
    private let payload: [UInt8]
    private var signatures: [Envelope.Signature] = []
    private var signers: [Pseudonym] = []

    package enum Progress: Sendable, Equatable {
        /// How many people have signed.
        case waiting(have: Int, need: Int)
        case ready(Envelope)
        case expired
    }

    /// - Parameter envelope: the release with its first signature.
    package init(
        _ envelope: Envelope, judge: OrderJudge, now: Timestamp
    ) throws(OrderRefusal) {
        order = try judge.releaseOrder(envelope)
        payload = envelope.payload
        started = now
        guard envelope.signatures.count == 1 else { throw .badSignature }
        _ = try sign(envelope, judge: judge, now: now)
    }

    /// Adds the signature of one more person over the same bytes.
    ///
    /// - Throws: then nothing was added.
    package mutating func sign(
        _ envelope: Envelope, judge: OrderJudge, now: Timestamp
    ) throws(OrderRefusal) -> Progress {
        if case .expired = progress(judge: judge, now: now) { return .expired }
        guard envelope.payloadType == .release, envelope.payload == payload else {
            throw .otherKind
        }
        for signature in envelope.signatures where !signatures.contains(signature) {
            let person = try judge.releaser(signature, under: envelope, of: order, .now(now))
            guard !signers.contains(person.pseudonym) else { throw .samePerson }
            signatures.append(signature)
            signers.append(person.pseudonym)
        }
        return progress(judge: judge, now: now)
    }

    package func progress(judge: OrderJudge, now: Timestamp) -> Progress {
        let need = judge.trust.releaseQuorum
        let complete = Envelope(payloadType: .release, payload: payload, signatures: signatures)
        if now >= started + ReleaseDraft.life { return .expired }
        guard signers.count >= need else { return .waiting(have: signers.count, need: need) }
        if need == 1, now < started + ReleaseDraft.delayOfOne {
            return .waiting(have: signers.count, need: need)
        }
        return .ready(complete)
    }
}
