import InterlockGovernor
import InterlockModel
import InterlockPolicy

/// How a desk refuses what people sign.
protocol SignedRefusal: Error {
    init(_ refusal: SignatureRefusal)
    static func notRecorded(_ place: String) -> Self
}

extension OrderRefusal: SignedRefusal {}
extension ElevationRefusal: SignedRefusal {}
extension SignOffActionRefusal: SignedRefusal {
    init(_ refusal: SignatureRefusal) { self = .signature(refusal) }
}

/// The passkeys that a desk's orders are signed with. The counter of each goes up, so a copy of a passkey shows sooner
/// or later.
struct OrderPasskeys<Refusal: SignedRefusal>: Sendable {
    let gateway: Gateway
    /// nil where nobody can sign by passkey.
    let people: PeoplePasskeys?

    func judge(_ hashing: any Hashing) -> EnrolledPasskeyVerifier? { people?.judge(hashing) }

    /// Keeps the counter, durable on return, before what was signed can act. A key has none.
    func count(_ signature: VerifiedSignature) async throws(Refusal) {
        guard signature.passkey != nil else { return }
        switch await people?.count(signature) {
        case .kept: return
        case .overtaken: throw Refusal(.badAssertion(.counterWentBack))
        case .notKept, nil: throw .notRecorded("store")
        }
    }

    /// A passkey that may have been copied signs nothing more.
    ///
    /// - Returns: how this order, under which its counter went back, is refused.
    func suspend(_ id: PasskeyID, under order: Envelope) async -> Refusal {
        let isSuspended =
            await people?.suspend(id, under: order) { gateway.raise(alarm: $0, subject: $1) }
            ?? false
        return Refusal(isSuspended ? .copiedPasskey(id) : .badAssertion(.counterWentBack))
    }
}
