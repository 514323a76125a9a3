package import InterlockJSON

/// A browser's response to the use of a passkey, unverified.
package struct PasskeyAssertion: Hashable, Sendable {
    package let credential: PasskeyID
    package let authenticatorData: [UInt8]
    package let clientDataJSON: [UInt8]
    package let signature: [UInt8]

    /// The maximum size of all parts together, in bytes: with the statement they must fit a proof of 4 KiB.
    package static let largest = 3072

    /// - Throws: `badMember` if a part is empty, or if all parts together exceed `largest`.
    package init(
        credential: PasskeyID, authenticatorData: [UInt8], clientDataJSON: [UInt8],
        signature: [UInt8]
    ) throws(FormError) {
        let parts = [authenticatorData, clientDataJSON, signature]
        guard parts.allSatisfy({ !$0.isEmpty }),
            credential.bytes.count + parts.reduce(0, { $0 + $1.count }) <= PasskeyAssertion.largest
        else {
            throw .badMember("assertion", "parts of at most \(PasskeyAssertion.largest) bytes")
        }
        self.credential = credential
        self.authenticatorData = authenticatorData
        self.clientDataJSON = clientDataJSON
        self.signature = signature
    }

    /// The complete list of the members of the JSON object.
    package static let members = ["authenticatorData", "clientDataJSON", "credential", "signature"]

    /// The form `{"authenticatorData", "clientDataJSON", "credential", "signature"}`, base64url without padding.
    package var json: JSONValue {
        [
            "authenticatorData": .string(Base64.encodeURL(authenticatorData)),
            "clientDataJSON": .string(Base64.encodeURL(clientDataJSON)),
            "credential": .string(credential.text),
            "signature": .string(Base64.encodeURL(signature)),
        ]
    }

    package init(json: JSONValue, at path: String = "assertion") throws(FormError) {
        let fields = try StrictFields(json, at: path, required: Self.members)
        try self.init(
            credential: try fields.made("credential", "a credential's id", PasskeyID.init(text:)),
            authenticatorData: try fields.made(
                "authenticatorData", "base64url", { Base64.decodeURL($0) }),
            clientDataJSON: try fields.made(
                "clientDataJSON", "base64url", { Base64.decodeURL($0) }),
            signature: try fields.made("signature", "base64url", { Base64.decodeURL($0) }))
    }
}

/// The facts that a verified assertion states, besides the presence of the person.
package struct AssertionFinding: Hashable, Sendable {
    /// The value that must be stored as the passkey's counter.
    package let counter: UInt32
    /// True if the key may leave its device (flag BE).
    package let isSynced: Bool

    package init(counter: UInt32, isSynced: Bool) {
        self.counter = counter
        self.isSynced = isSynced
    }
}

/// The reason why an assertion is rejected, in the order of the checks.
package enum AssertionRefusal: String, Error, Hashable, Sendable, CaseIterable {
    /// `clientDataJSON` or `authenticatorData` violates its format.
    case malformed
    case wrongType = "wrong-type"
    case wrongChallenge = "wrong-challenge"
    case wrongOrigin = "wrong-origin"
    case crossOrigin = "cross-origin"
    case wrongRelyingParty = "wrong-relying-party"
    case userAbsent = "user-absent"
    case userUnverified = "user-unverified"
    /// The assertion names another credential, or a revoked one.
    case wrongCredential = "wrong-credential"
    case wrongAlgorithm = "wrong-algorithm"
    case badSignature = "bad-signature"
    /// A copy of the authenticator may be in use; the passkey must be suspended.
    case counterWentBack = "counter-went-back"
}
