package import InterlockModel

/// Why a sign-off was not drafted or not taken. Nothing was written then.
package enum SignOffActionRefusal: Error, Hashable, Sendable, CustomStringConvertible {
    /// Nothing that this person may read waits.
    case missing
    /// What waits is not what was shown, or somebody else has said meanwhile that it is their work.
    case changed
    /// Something else than signatures is missing.
    case otherwiseRefused(String)
    case notEntitled(Person)
    case signedAlready(Person)
    case form(FormError)
    case otherKind
    case signature(SignatureRefusal)
    case expired
    /// More files than the people plane takes in one order.
    case tooLarge
    /// Who is enrolled cannot be read.
    case notRead
    /// The counter of the passkey or the file could not be written.
    case notRecorded(String)

    package var description: String {
        switch self {
        case .missing: "nothing waits that is yours to see"
        case .changed: "read what waits now, and sign that"
        case .otherwiseRefused(let reason): "it waits for something else: \(reason)"
        case .notEntitled(let person):
            "`\(person)` is neither an owner of the policy in force nor has the role `security`"
        case .signedAlready(let person): "`\(person)` has signed it already"
        case .form(let error): "the statement is malformed: \(error)"
        case .otherKind:
            "a statement of `\(PayloadType.signOff.text)` with one signature is expected"
        case .signature(let refusal): Self.words(of: refusal)
        case .expired: "the credential has expired"
        case .tooLarge: "it has more files than can be signed here; the command line can sign it"
        case .notRead: "who is enrolled cannot be read"
        case .notRecorded(let place): "nothing was signed: `\(place)` could not be written"
        }
    }

    private static func words(of refusal: SignatureRefusal) -> String {
        switch refusal {
        case .badSignature: "the signature does not verify"
        case .badAssertion(let refusal): "the passkey's answer is not believed: \(refusal.rawValue)"
        case .copiedPasskey: "the passkey's counter went back: a copy of it may be in use"
        case .unknownKey: "nobody holds this key or passkey"
        case .revokedKey: "the key or passkey was revoked"
        }
    }
}
