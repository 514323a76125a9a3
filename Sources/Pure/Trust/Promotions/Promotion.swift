package import InterlockJSON
package import InterlockModel

/// The decision of people that an agent has more autonomy (docs/specs/trust-and-review.md, section 5), or keeps what it
/// has for another time. DSSE with the payload type `application/vnd.interlock.promotion+json`.
///
/// Dates have the time of the day, so that a document of before a demotion cannot be used after it.
package struct Promotion: Sendable, Hashable {
    package let org: String
    package let agent: AgentName
    package let from: AutonomyStage
    /// The next stage, or `from` if people attest it again.
    package let to: AutonomyStage
    package let owner: Person
    /// The people who decide, each of whom signs.
    package let deciders: [Person]
    package let date: Timestamp
    package let expires: Timestamp
    package let rationale: String
    /// The digest of the criteria.
    package let criteria: Digest
    /// The digest of the snapshot of the evidence.
    package let evidence: Digest
    package let fingerprint: Digest
    package let policy: Digest
    /// True if it undoes a mistaken demotion, whose cool-down it ends. An attestation of the same stage undoes nothing.
    package let undoes: Bool

    /// The longest time that any criteria can give a promotion.
    package static let longest = Duration.seconds(366 * 86_400)
    /// The least length of a rationale in characters, and the most in UTF-8 bytes.
    package static let leastRationale = 40
    private static let rationaleBytes = 1...4_000
    private static let mostDeciders = 8
    private static let largest = 16_384

    /// - Returns: nil if it skips a stage, undoes a demotion without raising, ends before it begins or too late, has a
    ///   rationale of another length, or no deciders or one of them twice.
    package init?(
        org: String, agent: AgentName, from: AutonomyStage, to: AutonomyStage, owner: Person,
        deciders: [Person], date: Timestamp, expires: Timestamp, rationale: String,
        criteria: Digest, evidence: Digest, fingerprint: Digest, policy: Digest,
        undoes: Bool = false
    ) {
        guard to == from.next || to == from && !undoes, to != .gated, date < expires,
            expires - date <= Self.longest,
            rationale.count >= Self.leastRationale,
            Self.rationaleBytes.contains(rationale.utf8.count),
            (1...Self.mostDeciders).contains(deciders.count),
            Set(deciders).count == deciders.count
        else { return nil }
        self.org = org
        self.agent = agent
        self.from = from
        self.to = to
        self.owner = owner
        self.deciders = deciders
        self.date = date.wholeSecond
        self.expires = expires.wholeSecond
        self.rationale = rationale
        self.criteria = criteria
        self.evidence = evidence
        self.fingerprint = fingerprint
        self.policy = policy
        self.undoes = undoes
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .promotion else {
            throw .badMember("payloadType", "`\(PayloadType.promotion.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: [
                "agent", "criteria", "date", "deciders", "evidence", "expires", "fingerprint",
                "from", "org", "owner", "policy", "rationale", "to", "type", "undoes", "v",
            ])
        try fields.expectVersion1()
        try fields.expect("type", "promotion")
        let made = Promotion(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            from: try fields.stage("from"), to: try fields.stage("to"),
            owner: try fields.made("owner", "an e-mail address", Person.written),
            deciders: try fields.list(
                "deciders", count: 1...Self.mostDeciders, "an e-mail address",
                Person.written),
            date: try fields.time("date", fractionDigits: 0),
            expires: try fields.time("expires", fractionDigits: 0),
            rationale: try fields.string("rationale", length: Self.rationaleBytes),
            criteria: try fields.digest("criteria"), evidence: try fields.digest("evidence"),
            fingerprint: try fields.digest("fingerprint"), policy: try fields.digest("policy"),
            undoes: try fields.bool("undoes"))
        guard let made else {
            throw fields.bad(
                "to",
                "the stage after `from`, or the same, with a date before its end and a rationale of at least "
                    + "\(Self.leastRationale) characters")
        }
        self = made
    }

    package var json: JSONValue {
        [
            "agent": .string(agent.text), "criteria": .string(criteria.prefixed),
            "date": .string(date.rfc3339(fractionDigits: 0)),
            "deciders": .array(deciders.map { .string($0.address) }),
            "evidence": .string(evidence.prefixed),
            "expires": .string(expires.rfc3339(fractionDigits: 0)),
            "fingerprint": .string(fingerprint.prefixed),
            "from": .integer(Int64(from.rawValue)), "org": .string(org),
            "owner": .string(owner.address), "policy": .string(policy.prefixed),
            "rationale": .string(rationale), "to": .integer(Int64(to.rawValue)),
            "type": "promotion", "undoes": .bool(undoes), "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }
}
