package import InterlockModel

// Documents that several people sign, one after the other.
extension PeoplePasskeys {
    /// Compares the counters of the passkeys that signed since, and stores them, durable on return. A passkey whose counter
    /// went back may be a copy, and is suspended. Keys have no counter.
    ///
    /// - Parameters:
    ///   - before: the document before these signatures; nil if they are the first.
    ///   - passkeys: nil if no passkey can sign here.
    ///   - trust: nil while the authorized keys cannot be read.
    package static func count(
        _ envelope: Envelope, after before: Envelope?, of passkeys: PeoplePasskeys?,
        _ trust: AuthorizedKeys?, hashing: any Hashing, verifier: any SignatureVerifier,
        at now: Timestamp, alarm: @Sendable (_ code: String, _ subject: String) -> Void
    ) async throws(Problem) {
        let counted = Set((before?.signatures ?? []).map(\.credential))
        for signature in envelope.signatures
        where signature.key == nil && !counted.contains(signature.credential) {
            guard let passkeys, let trust else {
                throw Problem(.notRead, "no passkey can sign here")
            }
            let orders = SignedOrderVerifier(
                trust: trust, verifier: verifier, passkeys: passkeys.judge(hashing))
            let judged: VerifiedSignature
            do throws(OrderRefusal) {
                judged = try orders.judge(signature, over: envelope.message, .now(now))
            } catch {
                if case .copiedPasskey(let id) = error {
                    _ = await passkeys.suspend(id, under: envelope, alarm: alarm)
                }
                throw Problem(error)
            }
            guard !judged.isExpired else {
                throw Problem(.notEligible, "the passkey has expired")
            }
            switch await passkeys.count(judged) {
            case .kept: continue
            case .overtaken: throw Problem(OrderRefusal.badAssertion(.counterWentBack))
            case .notKept:
                throw Problem(.notRecorded, "the counter of the passkey cannot be stored")
            }
        }
    }
}
