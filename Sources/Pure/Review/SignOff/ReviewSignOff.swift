package import InterlockJSON
package import InterlockModel

/// The sign-off of a review (docs/specs/trust-and-review.md, section 9). DSSE with the payload type
/// `application/vnd.interlock.review+json`.
package struct ReviewSignOff: Sendable, Hashable {
    package let org: String
    package let review: ReviewID
    package let scope: ReviewScope
    package let period: ReviewPeriod
    /// The people who sign.
    package let reviewers: [Person]
    package let date: Timestamp
    /// The time at which the next review is due.
    package let next: Timestamp
    /// The policy of the matrix.
    package let policy: Digest
    /// The digest of `ReviewSample.json`.
    package let sample: Digest
    /// The digest of `MarkedSample.json`.
    package let marks: Digest
    /// The digest of the text of the retire diff; nil if it proposes nothing.
    package let retire: Digest?
    package let decisions: [RetireDecision]
    /// Every item has an outcome.
    package let drift: [DriftItem]
    package let controls: [ControlAnswer]
    package let findings: [ReviewFinding]
    /// The findings of earlier reviews that were open, each with its outcome. Documents of before findings were carried on
    /// have none, and settled them.
    package let earlier: [EarlierFinding]
    /// Warnings of the program, such as records that were marked too fast.
    package let warnings: [String]

    /// The most findings of one review, and the most that are open after it.
    package static let mostFindings = 50
    package static let mostItems = 150
    private static let mostReviewers = 8
    private static let mostWarnings = 20
    private static let textBytes = 1...200

    package init(
        org: String, review: ReviewID, scope: ReviewScope, period: ReviewPeriod,
        reviewers: [Person], date: Timestamp, next: Timestamp, policy: Digest, sample: Digest,
        marks: Digest, retire: Digest?, decisions: [RetireDecision], drift: [DriftItem],
        controls: [ControlAnswer] = [], findings: [ReviewFinding], earlier: [EarlierFinding] = [],
        warnings: [String]
    ) {
        self.org = org
        self.review = review
        self.scope = scope
        self.period = period
        self.reviewers = reviewers
        self.date = date.wholeSecond
        self.next = next.wholeSecond
        self.policy = policy
        self.sample = sample
        self.marks = marks
        self.retire = retire
        self.decisions = decisions
        self.drift = drift
        self.controls = controls
        self.findings = findings
        self.earlier = earlier
        self.warnings = warnings
    }

    package init(_ envelope: Envelope) throws(FormError) {
        guard envelope.payloadType == .review else {
            throw .badMember("payloadType", "`\(PayloadType.review.text)`")
        }
        let fields = try StrictFields(
            try StrictFields.canonicalValue(envelope.payload, limit: Envelope.largestPayload),
            required: [
                "controls", "date", "decisions", "drift", "findings", "from", "marks", "next",
                "org", "policy", "review", "reviewers", "sample", "scope", "to", "type", "v",
                "warnings",
            ], optional: ["earlier", "retire"])
        try fields.expectVersion1()
        try fields.expect("type", "review")
        guard
            let period = ReviewPeriod(
                from: try fields.time("from", fractionDigits: 0),
                to: try fields.time("to", fractionDigits: 0))
        else { throw fields.bad("to", "after `from`, by at most 400 days") }
        let date = try fields.time("date", fractionDigits: 0)
        let next = try fields.time("next", fractionDigits: 0)
        guard period.end <= date, date < next else {
            throw fields.bad("date", "a time from the end of the period on and before `next`")
        }
        self.init(
            org: try fields.string("org"),
            review: try fields.made("review", "the id of a review") { ReviewID($0) },
            scope: try fields.made("scope", "`agent:NAME` or `org`") { ReviewScope($0) },
            period: period,
            reviewers: try fields.list(
                "reviewers", count: 1...Self.mostReviewers, "an e-mail address", Person.written),
            date: date, next: next, policy: try fields.digest("policy"),
            sample: try fields.digest("sample"), marks: try fields.digest("marks"),
            retire: try fields.has("retire") ? fields.digest("retire") : nil,
            decisions: try Self.items(fields, "decisions", RetireDecision.init(json:)),
            drift: try Self.items(fields, "drift", DriftItem.init(json:)),
            controls: try Self.items(fields, "controls", ControlAnswer.init(json:)),
            findings: try Self.items(
                fields, "findings", most: Self.mostFindings, ReviewFinding.init(json:)),
            earlier: try Self.earlier(fields),
            warnings: try Self.warnings(fields))
        guard findings.enumerated().allSatisfy({ $0.offset + 1 == $0.element.number }) else {
            throw fields.bad("findings", "numbered from 1 on")
        }
        guard Set(controls.map(\.control)).count == controls.count else {
            throw fields.bad("controls", "a list without duplicates")
        }
        guard Set(decisions.map { ExactText($0.item) }).count == decisions.count else {
            throw fields.bad("decisions", "a list without duplicates")
        }
    }

    /// A document without earlier findings does not have the member, so that each has one spelling.
    private static func earlier(_ fields: StrictFields) throws(FormError) -> [EarlierFinding] {
        guard fields.has("earlier") else { return [] }
        var found: [EarlierFinding] = []
        for value in try fields.array("earlier", count: 1...mostFindings) {
            let one = try EarlierFinding(json: value)
            guard !found.contains(where: { $0.open.isSame(as: one.open) }) else {
                throw fields.bad("earlier", "a list without duplicates")
            }
            found.append(one)
        }
        return found
    }

    private static func items<Item>(
        _ fields: StrictFields, _ key: String, most: Int = mostItems,
        _ make: (JSONValue) throws(FormError) -> Item
    ) throws(FormError) -> [Item] {
        var items: [Item] = []
        for value in try fields.array(key, count: 0...most) { items.append(try make(value)) }
        return items
    }

    private static func warnings(_ fields: StrictFields) throws(FormError) -> [String] {
        var warnings: [String] = []
        for value in try fields.array("warnings", count: 0...mostWarnings) {
            guard let text = value.string, textBytes.contains(text.utf8.count) else {
                throw fields.bad("warnings", "a list of texts of 1 to 200 bytes")
            }
            warnings.append(text)
        }
        return warnings
    }

    package var json: JSONValue {
        var object: JSONObject = [
            "controls": .array(controls.map(\.json)),
            "date": .string(date.rfc3339(fractionDigits: 0)),
            "decisions": .array(decisions.map(\.json)), "drift": .array(drift.map(\.json)),
            "findings": .array(findings.map(\.json)),
            "from": .string(period.start.rfc3339(fractionDigits: 0)),
            "marks": .string(marks.prefixed), "next": .string(next.rfc3339(fractionDigits: 0)),
            "org": .string(org), "policy": .string(policy.prefixed),
            "review": .string(review.text),
            "reviewers": .array(reviewers.map { .string($0.address) }),
            "sample": .string(sample.prefixed), "scope": .string(scope.text),
            "to": .string(period.end.rfc3339(fractionDigits: 0)), "type": "review", "v": 1,
            "warnings": .array(warnings.map { .string($0) }),
        ]
        if let retire { object["retire"] = .string(retire.prefixed) }
        if !earlier.isEmpty { object["earlier"] = .array(earlier.map(\.json)) }
        return .object(object)
    }

    /// The RFC 8785 bytes that are signed.
    ///
    /// - Throws: also for a document that could not be read again.
    package func canonical() throws(FormError) -> [UInt8] {
        let bytes: [UInt8]
        do { bytes = try json.canonical() } catch { throw .json(error) }
        _ = try ReviewSignOff(
            Envelope(payloadType: .review, payload: bytes, signatures: []))
        return bytes
    }
}
