import InterlockJSON
package import InterlockModel
import InterlockPolicy

extension SignOff {
    /// One person's signature in the file, by an enrolled key or passkey. No part of it is verified.
    package struct Signature: Hashable, Sendable {
        /// The claimed signer, who must be the credential's holder.
        package let by: Person
        /// The time by the signer's clock.
        package let at: Timestamp
        /// The signature, in the form that every statement of a person has.
        package let made: Envelope.Signature

        package init(by: Person, at: Timestamp, made: Envelope.Signature) {
            self.by = by
            self.at = at
            self.made = made
        }

        package var credential: CredentialName { made.credential }
    }
}

extension SignOff.Signature {
    var json: JSONValue {
        var object: JSONObject = [
            "by": .string(by.address), "at": .string(at.rfc3339(fractionDigits: 0)),
        ]
        switch made {
        case .key(let key, let bytes):
            object["key"] = .string(key.base64)
            object["sig"] = .string(Base64.encode(bytes))
        case .passkey(let assertion):
            let json = assertion.json
            for member in PasskeyAssertion.members { object[member] = json[member] }
        }
        return .object(object)
    }

    /// Parses a signature. One with a credential is by passkey, and must not have members of the other
    /// kind.
    init(json: JSONValue, at path: String) throws(FormError) {
        let isPasskey = json["credential"] != nil
        let entry = try StrictFields(
            json, at: path,
            required: ["by", "at"] + (isPasskey ? PasskeyAssertion.members : ["key", "sig"]))
        self.init(
            by: try entry.made("by", "an e-mail address", Person.init),
            at: try entry.time("at", fractionDigits: 0),
            made: isPasskey ? try Self.assertion(entry, at: path) : try Self.byKey(entry))
    }

    private static func byKey(_ entry: StrictFields) throws(FormError) -> Envelope.Signature {
        .key(
            try entry.made("key", "base64 of 32 bytes", PublicKey.init(base64:)),
            try entry.made("sig", "base64 of 64 bytes") { text -> [UInt8]? in
                guard let bytes = Base64.decode(text), bytes.count == 64 else { return nil }
                return bytes
            })
    }

    private static func assertion(
        _ entry: StrictFields, at path: String
    ) throws(FormError) -> Envelope.Signature {
        var object: JSONObject = [:]
        for member in PasskeyAssertion.members { object[member] = try entry.value(member) }
        return .passkey(try PasskeyAssertion(json: .object(object), at: path))
    }
}
