package import InterlockModel

/// The reason why a sign-off was not drafted or not taken. The sign-off file has not changed.
package enum SignOffActionRefusal: SignedOrderRefusal, Hashable, Sendable, CustomStringConvertible {
    /// No revision that this person may read is waiting.
    case missing
    /// The waiting revision is not the one that was shown, or another person has meanwhile signed as its author.
    case changed
    /// The revision waits for something other than signatures.
    case otherwiseRefused(String)
    case notEntitled(Person)
    case signedAlready(Person)
    case form(FormError)
    case otherKind
    case signature(OrderRefusal)
    case expired
    /// The revision has more files than the people plane accepts in one order.
    case tooLarge
    /// The authorized keys cannot be read, or do not contain the person.
    case notRead
    /// The passkey's counter or the file could not be written.
    case notRecorded(String)

    package init(_ refusal: OrderRefusal) {
        if case .notRecorded(let place) = refusal {
            self = .notRecorded(place)
        } else {
            self = .signature(refusal)
        }
    }

    package var copy: PasskeyID? {
        if case .signature(let refusal) = self { refusal.copy } else { nil }
    }

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

    private static func words(of refusal: OrderRefusal) -> String {
        switch refusal {
        case .badSignature: "the signature does not verify"
        case .badAssertion(let refusal): "the passkey's answer is not believed: \(refusal.rawValue)"
        case .copiedPasskey: "the passkey's counter went back: a copy of it may be in use"
        case .unknownKey: "nobody holds this key or passkey"
        case .revokedKey: "the key or passkey was revoked"
        default: "\(refusal)"
        }
    }
}
