package import InterlockJSON
package import InterlockModel

/// A finding of a signed review that no later review of the scope called mended.
package struct OpenFinding: Sendable, Hashable {
    /// The review that found it.
    package let review: ReviewID
    package let finding: ReviewFinding

    package init(review: ReviewID, _ finding: ReviewFinding) {
        self.review = review
        self.finding = finding
    }

    /// The finding in words for people.
    package var words: String { "the finding \(finding.number) of review `\(review.text)`" }

    package func isSame(as other: OpenFinding) -> Bool {
        review == other.review && finding.number == other.finding.number
    }
}

/// The word of a reviewer about a finding of an earlier review. One that is still open keeps its date.
package struct FindingOutcome: Sendable, Hashable {
    package let review: ReviewID
    package let number: Int
    package let isMended: Bool
    /// The reviewer who says so.
    package let by: Person

    package init(review: ReviewID, number: Int, isMended: Bool, by: Person) {
        self.review = review
        self.number = number
        self.isMended = isMended
        self.by = by
    }

    package func isAbout(_ open: OpenFinding) -> Bool {
        review == open.review && number == open.finding.number
    }
}

/// A finding of an earlier review in a sign-off, with its outcome.
package struct EarlierFinding: Sendable, Hashable {
    package let open: OpenFinding
    package let isMended: Bool
    /// The reviewer who says so.
    package let by: Person

    package init(_ open: OpenFinding, isMended: Bool, by: Person) {
        self.open = open
        self.isMended = isMended
        self.by = by
    }
}

// The forms in documents and in the statements that are kept.

extension FindingOutcome {
    fileprivate static let mended = "mended"
    fileprivate static let stillOpen = "open"

    fileprivate static func word(_ isMended: Bool) -> String { isMended ? mended : stillOpen }

    fileprivate static func isMended(_ fields: StrictFields) throws(FormError) -> Bool {
        switch ExactText(try fields.string("outcome")) {
        case "mended": return true
        case "open": return false
        default: throw fields.bad("outcome", "`mended` or `open`")
        }
    }

    package var json: JSONValue {
        [
            "by": .string(by.address), "number": .integer(Int64(number)),
            "outcome": .string(Self.word(isMended)), "review": .string(review.text),
        ]
    }

    /// - Parameter reviewer: who says it if the value names no person; nil if it has to.
    package init(json: JSONValue, by reviewer: Person? = nil) throws(FormError) {
        let fields = try StrictFields(
            json, at: "earlier", required: ["number", "outcome", "review"], optional: ["by"])
        let by: Person
        if let reviewer, !fields.has("by") {
            by = reviewer
        } else {
            by = try fields.made("by", "an e-mail address", Person.written)
        }
        let most = Int64(ReviewSignOff.mostFindings)
        self.init(
            review: try fields.made("review", "the id of a review") { ReviewID($0) },
            number: Int(try fields.integer("number", in: 1...most)),
            isMended: try Self.isMended(fields), by: by)
    }
}

extension EarlierFinding {
    package var json: JSONValue {
        guard var object = open.finding.json.object else { return .null }
        object["by"] = .string(by.address)
        object["outcome"] = .string(FindingOutcome.word(isMended))
        object["review"] = .string(open.review.text)
        return .object(object)
    }

    init(json: JSONValue) throws(FormError) {
        let fields = try StrictFields(
            json, at: "earlier",
            required: ["by", "due", "number", "outcome", "owner", "review", "severity", "text"],
            optional: ["control", "leaf"])
        self.init(
            OpenFinding(
                review: try fields.made("review", "the id of a review") { ReviewID($0) },
                try ReviewFinding(fields)),
            isMended: try FindingOutcome.isMended(fields),
            by: try fields.made("by", "an e-mail address", Person.written))
    }
}
