/// Identifies the person who made a signature under an order by the enrolled key or passkey, never by a name. The
/// verification of the order decides what that person may do.
extension SignedOrderVerifier {
    package enum Time: Sendable {
        /// The signature has just arrived.
        case now(Timestamp)
        /// The signature arrived earlier and is verified again with the credentials that are valid at this time. The
        /// counter of a passkey was compared on arrival.
        case again(Timestamp)
        /// The signature was verified on arrival, and later changes to credentials do not invalidate it. Its credential
        /// must still be listed.
        case judgedBefore
    }

    /// - Parameter message: the pre-authentication encoding.
    package func judge(
        _ signature: Envelope.Signature, over message: [UInt8], _ time: Time
    ) throws(OrderRefusal) -> VerifiedSignature {
        switch signature {
        case .key(let key, _):
            guard signature.isMade(over: message, verifiedBy: verifier) else {
                throw .badSignature
            }
            guard let (person, enrolled) = trust.holder(of: key) else { throw .unknownKey }
            guard !enrolled.isRevoked || time.isPast else { throw .revokedKey }
            return VerifiedSignature(
                signature: signature, person: person, passkey: nil,
                isExpired: time.now.map(enrolled.isExpired(at:)) ?? false)
        case .passkey(let assertion):
            guard let passkeys, let passkey = passkeys.passkey(assertion.credential),
                let person = trust.person(passkey.holder)
            else { throw .unknownKey }
            guard !passkey.isRevoked || time.isPast else { throw .revokedKey }
            let finding: AssertionFinding
            do throws(AssertionRefusal) {
                finding = try passkeys.judge(assertion, over: message, by: passkey.judged(at: time))
            } catch {
                throw error == .counterWentBack ? .copiedPasskey(passkey.id) : .badAssertion(error)
            }
            return VerifiedSignature(
                signature: signature, person: person,
                passkey: UsedPasskey(
                    id: passkey.id, counter: finding.counter, publicKey: passkey.publicKey),
                isExpired: time.now.map(passkey.isExpired(at:)) ?? false)
        }
    }

    /// Verifies the only signature of an envelope.
    package func sole(
        of envelope: Envelope, _ time: Time
    ) throws(OrderRefusal) -> VerifiedSignature {
        guard let signature = envelope.signatures.first, envelope.signatures.count == 1 else {
            throw .badSignature
        }
        return try judge(signature, over: envelope.message, time)
    }
}

extension SignedOrderVerifier.Time {
    /// The time at which credentials must be valid, or nil if later changes to them do not matter.
    fileprivate var now: Timestamp? {
        switch self {
        case .now(let now), .again(let now): now
        case .judgedBefore: nil
        }
    }

    fileprivate var isPast: Bool { now == nil }
}

extension EnrolledPasskey {
    fileprivate func judged(at time: SignedOrderVerifier.Time) -> EnrolledPasskey {
        switch time {
        case .now: self
        case .again: withoutCounter
        case .judgedBefore: whileItCounted
        }
    }
}
