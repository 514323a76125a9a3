import InterlockJSON

/// A signature of a person that verifies, by a credential that is enrolled. Only `OrderJudge` makes one.
package struct JudgedSignature: Hashable, Sendable {
    package let signature: Envelope.Signature
    package let signer: Pseudonym
    let roles: Set<Role>
    /// nil for a key.
    package let passkey: UsedPasskey?
    /// When it came in.
    let isExpired: Bool
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
    func evidence(_ judged: [JudgedSignature]) -> [UInt8] {
        guard case .object(var object) = json else { return bytes }
        object["signatures"] = .array(
            signatures.map { signature in
                guard case .object(var element) = signature.json,
                    let passkey = judged.first(where: { $0.signature == signature })?.passkey
                else { return signature.json }
                element["key"] = .string(Base64.encode(passkey.publicKey))
                return .object(element)
            })
        return JSONValue.object(object).serialized()
    }
}
