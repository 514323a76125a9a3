package import InterlockJSON
package import InterlockModel

/// The exception by which two people move a review (docs/specs/trust-and-review.md, section 9). DSSE with the payload type
/// `application/vnd.interlock.review-postponement+json`.
package struct PostponementOrder: Sendable, Hashable {
    package let org: String
    package let scope: ReviewScope
    /// The time at which the review was due before.
    package let due: Timestamp
    package let until: Timestamp
    /// 20 to 2,000 bytes.
    package let reason: String
    /// The two people who sign.
    package let deciders: [Person]
    package let date: Timestamp

    package static let reasonBytes = 20...2_000
    package static let deciderCount = 2
    private static let largest = 8_192

    /// - Returns: nil unless it moves the review by 14 days at most, for a reason of two people.
    package init?(
        org: String, scope: ReviewScope, due: Timestamp, until: Timestamp, reason: String,
        deciders: [Person], date: Timestamp
    ) {
        let due = due.wholeSecond
        let until = until.wholeSecond
        guard ReviewPostponement(due: due, until: until).isValid,
            Self.reasonBytes.contains(reason.utf8.count), deciders.count == Self.deciderCount,
            Set(deciders).count == deciders.count
        else { return nil }
        self.org = org
        self.scope = scope
        self.due = due
        self.until = until
        self.reason = reason
        self.deciders = deciders
        self.date = date.wholeSecond
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .reviewPostponement else {
            throw .badMember("payloadType", "`\(PayloadType.reviewPostponement.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Self.largest),
            required: [
                "date", "deciders", "due", "org", "reason", "scope", "type", "until", "v",
            ])
        try fields.expectVersion1()
        try fields.expect("type", "review-postponement")
        let made = PostponementOrder(
            org: try fields.string("org"),
            scope: try fields.made("scope", "`org` or `agent:NAME`") { ReviewScope($0) },
            due: try fields.time("due", fractionDigits: 0),
            until: try fields.time("until", fractionDigits: 0),
            reason: try fields.string("reason", length: Self.reasonBytes),
            deciders: try fields.list(
                "deciders", count: Self.deciderCount...Self.deciderCount, "an e-mail address",
                Person.written),
            date: try fields.time("date", fractionDigits: 0))
        guard let made else {
            throw fields.bad("until", "after `due`, by 14 days at most")
        }
        self = made
    }

    package var json: JSONValue {
        [
            "date": .string(date.rfc3339(fractionDigits: 0)),
            "deciders": .array(deciders.map { .string($0.address) }),
            "due": .string(due.rfc3339(fractionDigits: 0)), "org": .string(org),
            "reason": .string(reason), "scope": .string(scope.text),
            "type": "review-postponement", "until": .string(until.rfc3339(fractionDigits: 0)),
            "v": 1,
        ]
    }

    /// The RFC 8785 bytes that are signed.
    package func canonical() throws(FormError) -> [UInt8] {
        do { return try json.canonical() } catch { throw .json(error) }
    }
}

/// A postponement with the keys whose signatures under it verify.
package struct SignedPostponement: Sendable, Hashable {
    package let envelope: Envelope
    package let order: PostponementOrder
    private let keys: [PublicKey]

    /// One signature that does not verify, or by a passkey, voids all.
    package init(
        _ envelope: Envelope, verifiedBy verifier: any SignatureVerifier
    ) throws(FormError) {
        self.envelope = envelope
        order = try PostponementOrder(envelope)
        keys = envelope.isSigned(by: verifier) ? envelope.signatures.compactMap(\.key) : []
    }

    /// The named people whose keys are among the signatures, as far as the keys count: not revoked, and valid at the date.
    package func decided(among trust: AuthorizedKeys) -> [TrustedPerson] {
        guard sameBytes(trust.org, order.org) else { return [] }
        let people = keys.compactMap { key -> TrustedPerson? in
            guard let (person, enrolled) = trust.holder(of: key), !enrolled.isRevoked,
                !enrolled.isExpired(at: order.date), enrolled.added <= order.date
            else { return nil }
            return person
        }
        return order.deciders.compactMap { decider in people.first { $0.person == decider } }
    }

    /// Returns true if the two people signed it, whether or not their keys were revoked since, and no other person did.
    package func isGenuine(among trust: AuthorizedKeys) -> Bool {
        guard sameBytes(trust.org, order.org) else { return false }
        let people = keys.compactMap { key -> Person? in
            guard let (person, enrolled) = trust.holder(of: key), enrolled.added <= order.date
            else { return nil }
            return person.person
        }
        return people.count == keys.count && Set(people) == Set(order.deciders)
    }
}
