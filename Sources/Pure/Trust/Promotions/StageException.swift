package import InterlockJSON
package import InterlockModel

/// The decision of two people that an agent has one more stage for a time without a promotion, such as while evidence is
/// gathered again (docs/specs/trust-and-review.md, section 5). DSSE with the payload type
/// `application/vnd.interlock.stage-exception+json`.
package struct StageException: Sendable, Hashable {
    package let org: String
    package let agent: AgentName
    package let from: AutonomyStage
    package let to: AutonomyStage
    package let owner: Person
    /// The people who decide, each of whom signs.
    package let deciders: [Person]
    package let date: Timestamp
    package let expires: Timestamp
    package let reason: String
    package let policy: Digest

    /// The longest time of an exception.
    package static let longest = Duration.seconds(30 * 86_400)
    private static let reasonBytes = 1...4_000
    private static let deciderCount = 2...8
    private static let largest = 16_384

    /// - Returns: nil if it skips a stage, ends before it begins or after 30 days, has a reason of fewer than 40
    ///   characters or a long one, or fewer than two deciders, more than eight, or one of them twice.
    package init?(
        org: String, agent: AgentName, from: AutonomyStage, to: AutonomyStage, owner: Person,
        deciders: [Person], date: Timestamp, expires: Timestamp, reason: String, policy: Digest
    ) {
        guard to == from.next, date < expires, expires - date <= Self.longest,
            reason.count >= Promotion.leastRationale,
            Self.reasonBytes.contains(reason.utf8.count),
            Self.deciderCount.contains(deciders.count), Set(deciders).count == deciders.count
        else { return nil }
        self.org = org
        self.agent = agent
        self.from = from
        self.to = to
        self.owner = owner
        self.deciders = deciders
        self.date = date.wholeSecond
        self.expires = expires.wholeSecond
        self.reason = reason
        self.policy = policy
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .stageException else {
            throw .badMember("payloadType", "`\(PayloadType.stageException.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: [
                "agent", "date", "deciders", "expires", "from", "org", "owner", "policy", "reason",
                "to", "type", "v",
            ])
        try fields.expectVersion1()
        try fields.expect("type", "stage-exception")
        let made = StageException(
            org: try fields.string("org"),
            agent: try fields.made("agent", "the name of an agent", AgentName.init),
            from: try fields.stage("from"), to: try fields.stage("to"),
            owner: try fields.made("owner", "an e-mail address", Person.written),
            deciders: try fields.list(
                "deciders", count: Self.deciderCount, "an e-mail address", Person.written),
            date: try fields.time("date", fractionDigits: 0),
            expires: try fields.time("expires", fractionDigits: 0),
            reason: try fields.string("reason", length: Self.reasonBytes),
            policy: try fields.digest("policy"))
        guard let made else {
            throw fields.bad(
                "to",
                "the stage after `from`, for at most 30 days, with two deciders and a reason of at least "
                    + "\(Promotion.leastRationale) characters")
        }
        self = made
    }

    package var json: JSONValue {
        [
            "agent": .string(agent.text), "date": .string(date.rfc3339(fractionDigits: 0)),
            "deciders": .array(deciders.map { .string($0.address) }),
            "expires": .string(expires.rfc3339(fractionDigits: 0)),
            "from": .integer(Int64(from.rawValue)), "org": .string(org),
            "owner": .string(owner.address), "policy": .string(policy.prefixed),
            "reason": .string(reason), "to": .integer(Int64(to.rawValue)),
            "type": "stage-exception", "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }

    /// True from its date until its end.
    package func isRunning(at now: Timestamp) -> Bool { date <= now && now < expires }
}

/// An exception with the keys whose signatures under it verify.
package struct SignedStageException: Sendable, Hashable {
    package let envelope: Envelope
    package let exception: StageException
    private let credentials: [CredentialName]

    /// One signature that does not verify, or by a passkey, voids all.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        exception = try StageException(envelope)
        credentials = envelope.verifiedCredentials(verifier, passkeys: nil)
    }

    /// Returns the deciders, or nil unless each one named signed with a key that counts and no other person did.
    package func signers(among trust: AuthorizedKeys, tier: Tier) -> [Pseudonym]? {
        signers(among: trust) { $0.counts(at: exception.date, tier: tier) }
    }

    /// Returns true if the deciders signed it, whether or not their keys were revoked since.
    package func isGenuine(among trust: AuthorizedKeys) -> Bool {
        signers(among: trust) { $0.added <= exception.date } != nil
    }

    private func signers(
        among trust: AuthorizedKeys, where counts: (EnrolledCredential) -> Bool
    ) -> [Pseudonym]? {
        guard sameBytes(trust.org, exception.org),
            let people = trust.people(signingBy: credentials, where: counts),
            Set(people.map(\.person)) == Set(exception.deciders)
        else { return nil }
        return people.map(\.pseudonym)
    }
}
