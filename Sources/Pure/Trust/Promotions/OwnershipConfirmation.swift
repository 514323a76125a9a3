package import InterlockJSON
package import InterlockModel

/// The statement of the owner of an agent that the person still owns it. DSSE with the payload type
/// `application/vnd.interlock.ownership+json`.
package struct OwnershipConfirmation: Sendable, Hashable {
    package let org: String
    package let agent: AgentName
    package let owner: Person
    package let date: Timestamp

    private static let largest = 4096

    package init(org: String, agent: AgentName, owner: Person, date: Timestamp) {
        self.org = org
        self.agent = agent
        self.owner = owner
        self.date = date.wholeSecond
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .ownership else {
            throw .badMember("payloadType", "`\(PayloadType.ownership.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: ["agent", "date", "org", "owner", "type", "v"])
        try fields.expectVersion1()
        try fields.expect("type", "ownership")
        self.init(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            owner: try fields.made("owner", "an e-mail address", Person.written),
            date: try fields.time("date", fractionDigits: 0))
    }

    package var json: JSONValue {
        [
            "agent": .string(agent.text), "date": .string(date.rfc3339(fractionDigits: 0)),
            "org": .string(org), "owner": .string(owner.address), "type": "ownership", "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }
}

/// A confirmation with the key whose signature under it verifies.
package struct SignedOwnership: Sendable, Hashable {
    package let envelope: Envelope
    package let confirmation: OwnershipConfirmation
    private let key: PublicKey?

    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        confirmation = try OwnershipConfirmation(envelope)
        key = envelope.soleSigner(verifiedBy: verifier)
    }

    /// Returns the owner, or nil if no key of the owner that counts signed it.
    package func signer(among trust: AuthorizedKeys, tier: Tier) -> Pseudonym? {
        guard sameBytes(trust.org, confirmation.org), let key else { return nil }
        return trust.pseudonym(
            of: confirmation.owner, signingBy: key, at: confirmation.date, tier: tier)
    }
}
