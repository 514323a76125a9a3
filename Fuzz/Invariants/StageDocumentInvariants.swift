import InterlockCredentials
import InterlockJSON
import InterlockModel
import InterlockTrust

extension Invariants {
    /// The input is an envelope, a demotion or the evidence of a promotion. Each document has one spelling, no statement is two of
    /// them, no document without signatures has signers, and a demotion is read back and raises no stage.
    package static func stageDocuments(_ bytes: [UInt8]) {
        if let value = try? JSONValue(parsing: bytes, limits: .stored),
            let demotion = try? StageDemotion(value)
        {
            precondition(
                (try? StageDemotion(.object(demotion.json))) == demotion, "a demotion is read back")
            precondition(demotion.to <= demotion.from, "a demotion raises no stage")
        }
        if let snapshot = try? TrustSnapshot(parsing: bytes) {
            precondition((try? snapshot.canonical()) == bytes, "evidence has one spelling")
        }
        guard let envelope = try? Envelope(parsing: bytes) else { return }
        if let confirmation = try? OwnershipConfirmation(envelope) {
            precondition(
                (try? confirmation.canonical()) == envelope.payload,
                "a confirmation has one spelling")
        }
        if let exception = try? StageException(envelope) {
            precondition(
                (try? exception.canonical()) == envelope.payload,
                "an exception has one spelling")
            precondition(
                exception.to == exception.from.next
                    && exception.expires - exception.date <= StageException.longest,
                "an exception goes one stage, and ends")
        }
        let promotion = try? Promotion(envelope)
        let delegation = try? StageDelegation(envelope)
        precondition(promotion == nil || delegation == nil, "no statement is two of them")
        if let delegation {
            precondition(
                (try? delegation.canonical()) == envelope.payload, "a ceiling has one spelling")
        }
        guard let promotion else { return }
        precondition(
            (try? promotion.canonical()) == envelope.payload, "a promotion has one spelling")
        precondition(
            promotion.to == promotion.from || promotion.to == promotion.from.next,
            "no stage is skipped")
        precondition(
            !promotion.undoes || promotion.to > promotion.from, "what undoes a demotion raises")
        precondition(
            promotion.date < promotion.expires
                && promotion.expires - promotion.date <= Promotion.longest, "a promotion ends")
        let signed = try? SignedPromotion(envelope, verifiedBy: OpenSSLVerifier())
        precondition(
            signed?.signers(among: .nobody(org: promotion.org), tier: .low) == nil,
            "without people there is no signer")
    }
}
