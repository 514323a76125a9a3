package import InterlockJSON

/// A signature of a person that verifies, by a credential that is enrolled. Only `PersonSignatureVerifier` makes one.
package struct VerifiedSignature: Hashable, Sendable {
    package let signature: Envelope.Signature
    package let person: TrustedPerson
    /// nil for a key.
    package let passkey: UsedPasskey?
    /// Whether the credential had expired when it came in.
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

/// A passkey as one assertion has shown it.
package struct UsedPasskey: Hashable, Sendable {
    package let id: PasskeyID
    /// To be stored as its counter.
    package let counter: UInt32
    /// In COSE's form, as it was enrolled.
    let publicKey: [UInt8]
}

extension Envelope {
    /// What the record of an order keeps: the envelope, and in the assertion of each passkey its public key under
    /// `key`, so that the signature can be checked without asking anybody. Whose key it is says
    /// `approver.enrolled`.
    package func evidence(_ judged: [VerifiedSignature]) -> JSONValue {
        guard case .object(var object) = json else { return json }
        object["signatures"] = .array(
            signatures.map { signature in
                guard case .object(var element) = signature.json,
                    let passkey = judged.first(where: { $0.signature == signature })?.passkey
                else { return signature.json }
                element["key"] = .string(Base64.encode(passkey.publicKey))
                return .object(element)
            })
        return .object(object)
    }
}
