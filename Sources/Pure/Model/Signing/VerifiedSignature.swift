package import InterlockJSON

/// A valid signature of a person by an enrolled credential. Only `SignedOrderVerifier` makes one.
package struct VerifiedSignature: Hashable, Sendable {
    package let signature: Envelope.Signature
    package let person: TrustedPerson
    /// The passkey that signed, or nil if a key signed.
    package let passkey: UsedPasskey?
    /// True if the credential had expired at the time of the signature's arrival.
    package let isExpired: Bool
    package var signer: Pseudonym { person.pseudonym }

    init(
        signature: Envelope.Signature, person: TrustedPerson, passkey: UsedPasskey?,
        isExpired: Bool
    ) {
        self.signature = signature
        self.person = person
        self.passkey = passkey
        self.isExpired = isExpired
    }
}

/// The passkey of one verified assertion.
package struct UsedPasskey: Hashable, Sendable {
    package let id: PasskeyID
    /// The value that must be stored as its counter.
    package let counter: UInt32
    /// The public key in COSE form, as it was enrolled.
    let publicKey: [UInt8]
}

extension Envelope {
    /// Returns the evidence for the record of an order: the envelope, in which each passkey assertion also contains its
    /// public key under `key`, so that the signature can be verified offline. The record `approver.enrolled` names the
    /// holder of the key.
    package func evidence(_ judged: [VerifiedSignature]) -> JSONValue {
        evidence { id in judged.first { $0.passkey?.id == id }?.passkey?.publicKey }
    }

    /// - Parameter key: returns the public key of a passkey in COSE form, or nil if it is unknown.
    package func evidence(key: (PasskeyID) -> [UInt8]?) -> JSONValue {
        guard case .object(var object) = json else { return json }
        object["signatures"] = .array(
            signatures.map { signature in
                guard case .object(var element) = signature.json,
                    case .passkey(let assertion) = signature, let key = key(assertion.credential)
                else { return signature.json }
                element["key"] = .string(Base64.encode(key))
                return .object(element)
            })
        return .object(object)
    }
}
