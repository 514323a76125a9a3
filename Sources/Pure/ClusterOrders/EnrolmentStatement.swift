package import InterlockApprovals
package import InterlockJSON
package import InterlockModel

/// The statement of the node whose page registered a passkey with an invitation: which passkey, and under which pseudonym
/// its holder is known. The node signs it with the key of its log. It permits nothing: a second person signs the
/// credential, and the people of the chain decide whether the pseudonym is free.
///
/// ```json
/// {"v":1,"type":"enrolment","org":"acme","invitation":"sha256:...","pseudonym":"qAtv...","at":"2026-11-30T10:04:05.123456Z",
///  "credential":{"kind":"passkey","id":"<base64url>","alg":-7,"key":"<base64url>","rp":"interlock.example","counter":0}}
/// ```
package struct EnrolmentStatement: Hashable, Sendable {
    package let org: String
    /// The hash of the invitation's token.
    package let invitation: Digest
    package let pseudonym: Pseudonym
    /// A passkey. A key of the command line signs its own offer.
    package let credential: NewCredential
    /// The time at which it was registered.
    package let at: Timestamp

    package static let payloadType = PayloadType.people
    /// The maximum size of the statement, in bytes.
    package static let largest = 16 * 1024

    package init(
        org: String, invitation: Digest, pseudonym: Pseudonym, credential: NewCredential,
        at: Timestamp
    ) {
        self.org = org
        self.invitation = invitation
        self.pseudonym = pseudonym
        self.credential = credential
        self.at = at
    }

    package var json: JSONValue {
        [
            "v": 1, "type": "enrolment", "org": .string(org),
            "invitation": .string(invitation.prefixed), "pseudonym": .string(pseudonym.text),
            "credential": credential.json, "at": .string(at.rfc3339()),
        ]
    }

    /// The RFC 8785 bytes that the node signs.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let fields = try StrictFields(
            try StrictFields.canonicalValue(bytes, limit: Self.largest),
            required: ["v", "type", "org", "invitation", "pseudonym", "credential", "at"])
        try fields.expectVersion1()
        try fields.expect("type", "enrolment")
        org = try fields.string("org")
        invitation = try fields.digest("invitation")
        pseudonym = try fields.pseudonym("pseudonym")
        credential = try NewCredential(json: try fields.value("credential"), at: "credential")
        guard case .passkey = credential else { throw fields.bad("credential", "a passkey") }
        at = try fields.time("at", fractionDigits: 6)
    }
}
