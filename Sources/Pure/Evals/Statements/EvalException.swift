package import InterlockJSON
package import InterlockModel

/// The statement of people other than the agent's owner that an agent may work for a time without a result that counts
/// (docs/specs/evals.md, section 6). DSSE with the payload type `application/vnd.interlock.eval-exception+json`.
package struct EvalException: Sendable, Hashable {
    package let org: String
    package let agent: AgentName
    package let reason: String
    package let from: Timestamp
    package let until: Timestamp

    /// The longest time of one exception.
    package static let longest = Duration.seconds(24 * 3600)
    /// The number of people who must sign, the owner of the agent not among them.
    package static let quorum = 2
    /// The age from which a key counts for an agent of tier high, as for votes there; a founding key counts at once.
    package static let keyAge = Duration.seconds(24 * 3600)
    private static let largest = 4096
    /// The length of a reason in UTF-8 bytes.
    private static let reasonLength = 8...500

    /// - Returns: nil if it would end before it begins, last too long, or have a reason of another length.
    package init?(
        org: String, agent: AgentName, reason: String, from: Timestamp, until: Timestamp
    ) {
        guard from < until, until - from <= Self.longest,
            Self.reasonLength.contains(reason.utf8.count)
        else { return nil }
        self.org = org
        self.agent = agent
        self.reason = reason
        self.from = from.wholeSecond
        self.until = until.wholeSecond
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .evalException else {
            throw .badMember("payloadType", "`\(PayloadType.evalException.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: ["agent", "from", "org", "reason", "until", "v"])
        try fields.expectVersion1()
        let made = EvalException(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            reason: try fields.string("reason", length: Self.reasonLength),
            from: try fields.time("from", fractionDigits: 0),
            until: try fields.time("until", fractionDigits: 0))
        guard let made else { throw fields.bad("until", "at most 24 hours after `from`") }
        self = made
    }

    package var json: JSONValue {
        [
            "agent": .string(agent.text), "from": .string(from.rfc3339(fractionDigits: 0)),
            "org": .string(org), "reason": .string(reason),
            "until": .string(until.rfc3339(fractionDigits: 0)), "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }
}

/// An exception with the keys whose signatures under it verify.
package struct SignedEvalException: Sendable, Hashable {
    package let envelope: Envelope
    package let exception: EvalException
    private let keys: [PublicKey]

    /// One signature that does not verify, or by a passkey, voids all.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        exception = try EvalException(envelope)
        keys = envelope.verifiedKeys(verifier)
    }

    /// Returns the people who signed it and whose signatures count now, or nil if they do not suffice: two people other
    /// than the owner of the agent, by keys that are enrolled, not revoked and not expired, and at tier high not new.
    package func people(
        among trust: AuthorizedKeys, owner: Person?, tier: Tier, at now: Timestamp
    ) -> [Pseudonym]? {
        guard sameBytes(trust.org, exception.org) else { return nil }
        var people: [Pseudonym] = []
        for key in keys {
            guard let (person, enrolled) = trust.holder(of: key), !enrolled.isRevoked,
                !enrolled.isExpired(at: now), person.person != owner,
                !people.contains(person.pseudonym),
                tier != .high || enrolled.founding
                    || now >= enrolled.added + EvalException.keyAge
            else { continue }
            people.append(person.pseudonym)
        }
        return people.count >= EvalException.quorum ? people : nil
    }
}
