package import InterlockJSON
package import InterlockModel
package import InterlockProvenance

/// The question of a check about the people of a review, and about the changes that were opened before its own.
package struct MergeFactsRequest: Sendable, Hashable {
    /// The change of the review.
    package struct StatedChange: Sendable, Hashable {
        package let id: ChangeID
        package let opened: Timestamp
        /// The person who merges; nil if no person does.
        package let merger: Person?
    }

    private static let mostPeople = 2000

    package let people: [Person]
    /// Nil if the review does not name its change.
    package let change: StatedChange?

    package init(people: [Person], _ review: MergeReview) {
        self.people = people
        change = review.change.map { change in
            StatedChange(
                id: change.id, opened: change.opened,
                merger: review.mergerKind == .person ? Person(review.merger) : nil)
        }
    }

    package init(_ value: JSONValue) throws(FormError) {
        let fields = try StrictFields(value, required: ["people"], optional: ["change"])
        people = try fields.list("people", count: 0...Self.mostPeople, "an e-mail address") {
            Person($0)
        }
        change = fields.has("change") ? try Self.change(try fields.value("change")) : nil
    }

    private static func change(_ value: JSONValue) throws(FormError) -> StatedChange {
        let fields = try StrictFields(
            value, at: "change", required: ["repository", "number", "opened"],
            optional: ["merger"])
        let repository = try fields.string("repository", length: 1...200)
        let number = try fields.string("number", length: 1...64)
        guard let id = ChangeID(repository: repository, number: number) else {
            throw fields.bad("repository", "printable characters, as must be `number`")
        }
        let opened = try fields.time("opened", fractionDigits: 3)
        let merger =
            fields.has("merger")
            ? try fields.made("merger", "an e-mail address") { Person($0) } : nil
        return StatedChange(id: id, opened: opened, merger: merger)
    }

    package var json: JSONValue {
        var object: JSONObject = ["people": .array(people.map { .string($0.address) })]
        if let change {
            var named: JSONObject = [
                "repository": .string(change.id.repository.text),
                "number": .string(change.id.number.text),
                "opened": .string(change.opened.rfc3339(fractionDigits: 3)),
            ]
            named["merger"] = change.merger.map { .string($0.address) }
            object["change"] = .object(named)
        }
        return .object(object)
    }
}
