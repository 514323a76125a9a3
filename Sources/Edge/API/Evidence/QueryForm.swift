import InterlockAdministration
package import InterlockEvidence
package import InterlockJSON
import InterlockMCP
package import InterlockMarkup
import InterlockModel
import InterlockSchemas

/// The parameters of a search for records, shared by pages and API: fields of a query, each at most once.
package struct QueryForm {
    /// The submitted fields, to be shown and sent again, with the terms of `q` in their place; empty ones are omitted.
    package let fields: [ExactText: String]
    package let query: RecordQuery
    package let before: UInt64?

    /// The members of a search, with descriptions for its users.
    static let members: [JSONSchemaType.Member] =
        [
            text(
                "q",
                "Terms `key:value` of the members below, and words, as in the field of the page."),
            text("words", "Words, parts of texts of the record, all of which it must have."),
            .maybe(
                "views", .choice(["shown", "hidden"]),
                "`hidden` leaves out views of the log and its ticks."),
        ] + criteria

    /// The members that are keys of the search field.
    static let criteria: [JSONSchemaType.Member] = [
        text("agent", "Of this agent."),
        text("owner", "Of agents that this person owns in today's policy; an e-mail address."),
        text("subject", "On behalf of this person: an e-mail address or a pseudonym."),
        text("tool", "`server.tool` or `server__tool`."),
        text("type", "A type of record, such as `call.denied`."),
        .init(
            "decision", .choice(["allow", "approve", "deny"]), "How it was decided.",
            isOptional: true),
        text("rule", "Decided by this rule."),
        text("code", "With this code, such as `policy.no_grant`."),
        text("run", "Of this run."),
        text("day", "Of this day in UTC, `2026-11-20`; without `since` and `until`."),
        text("since", "From then on: RFC 3339, or a day."),
        text("until", "Before then: RFC 3339, or a day."),
    ]

    static let beforeMember = text("before", "`next` of the page before.")

    private static func text(_ name: String, _ note: String) -> JSONSchemaType.Member {
        .init(name, .text(.plain(0...256)), note, isOptional: true)
    }

    /// - Parameter hidesViews: whether views are left out unless the query says.
    /// - Throws: a sentence for the author of the query.
    package init(_ given: [ExactText: String], hidesViews: Bool = false) throws(QueryFault) {
        let names = Set(texts: Self.members.map(\.name) + [Self.beforeMember.name])
        if let other = given.keys.sorted().first(where: { !names.contains($0) }) {
            throw QueryFault("there is no field `\(other)`")
        }
        let fields = try Self.unfolded(given.filter { !$0.value.isEmpty })
        guard fields.values.allSatisfy({ $0.utf8.count <= 1024 }) else {
            throw QueryFault("a field is too long")
        }
        func made<Value>(
            _ name: String, _ expected: String, _ make: (String) -> Value?
        ) throws(QueryFault) -> Value? {
            guard let text = fields[name] else { return nil }
            guard let value = make(text) else { throw QueryFault("`\(name)` takes \(expected)") }
            return value
        }
        var query = RecordQuery()
        query.agent = fields["agent"]
        query.owner = try made("owner", "an e-mail address", Person.init)
        query.subject = try made("subject", "an e-mail address or a pseudonym") { text in
            Pseudonym(written: text).map(RecordQuery.Subject.pseudonym)
                ?? Person(text).map(RecordQuery.Subject.person)
        }
        query.tool = fields["tool"]
        query.type = fields["type"]
        query.decision = try made("decision", "allow, approve or deny") {
            ["allow", "approve", "deny"].contains($0) ? $0 : nil
        }
        query.words = (fields["words"] ?? "").split(whereSeparator: \.isWhitespace).map(String.init)
        guard query.words.count <= SearchTerms.mostWords else {
            throw QueryFault("a search has at most \(SearchTerms.mostWords) words")
        }
        let views = try made("views", "shown or hidden") {
            ["shown", "hidden"].contains($0) ? $0 : nil
        }
        query.hidesViews = query.type == nil && (views.map { $0 == "hidden" } ?? hidesViews)
        query.rule = fields["rule"]
        query.code = fields["code"]
        query.run = try made("run", "the id of a run") { RunID($0) }
        query.since = try made("since", "a time such as 2026-11-20T12:00:00Z, or a day", Self.time)
        query.until = try made("until", "a time such as 2026-11-20T12:00:00Z, or a day", Self.time)
        if let day = try made("day", "a day such as 2026-11-20", { CivilDate($0) }) {
            guard query.since == nil, query.until == nil else {
                throw QueryFault("`day` excludes `since` and `until`")
            }
            query.since = day.start
            query.until = day.start + .seconds(86_400)
        }
        if let since = query.since, let until = query.until, until <= since {
            throw QueryFault("`until` is not after `since`")
        }
        before = try made("before", "`next` of the page before") { UInt64($0) }
        self.fields = fields
        self.query = query
    }

    /// Returns the fields with the terms of `q` in the place of `q`.
    private static func unfolded(
        _ given: [ExactText: String]
    ) throws(QueryFault) -> [ExactText: String] {
        guard let text = given["q"] else { return given }
        var fields = given
        fields["q"] = nil
        let terms = try SearchTerms(text)
        for (key, value) in terms.fields {
            guard fields[key] == nil else { throw QueryFault("`\(key.text)` is there twice") }
            fields[key] = value
        }
        guard !terms.words.isEmpty else { return fields }
        guard fields["words"] == nil else { throw QueryFault("`words` is there twice") }
        fields["words"] = terms.words.joined(separator: " ")
        return fields
    }

    private static func time(_ text: String) -> Timestamp? {
        Timestamp(rfc3339: text) ?? CivilDate(text)?.start
    }

    /// Returns a link to this search at another position of the list, or at its beginning.
    package func link(_ segments: String..., before: UInt64? = nil) -> Link {
        Link(
            path: segments,
            query: pairs(fields) + (before.map { [(Self.beforeMember.name, String($0))] } ?? []))
    }
}

extension QueryForm {
    /// True if nothing narrows the search.
    package var isEmpty: Bool { fields.keys.allSatisfy { $0 == "views" || $0 == "before" } }

    /// Returns a link to the beginning of this search with another value of one field, or without the field.
    package func with(_ name: String, _ value: String?) -> Link {
        var changed = fields
        changed[ExactText(name)] = value
        return Link(path: ["audit"], query: pairs(changed))
    }

    /// The link to all that this search finds, as a file.
    package var archive: Link {
        Link(path: ["audit", "records.tar"], query: pairs(fields, "hidden"))
    }

    /// The link that opens a tail of this search.
    package var tail: Link { Link(path: ["audit", "tail"], query: pairs(fields)) }

    /// The address at which the API counts the new records of the tail.
    package func counting(_ newest: (String, String)?) -> Link {
        Link(
            path: ["api", "v1", "records", "newer"],
            query: (newest.map { [(name: $0.0, value: $0.1)] } ?? []) + pairs(fields, "hidden"))
    }

    /// - Parameter views: the value of `views` if views are left out without a field that says so.
    private func pairs(
        _ fields: [ExactText: String], _ views: String? = nil
    ) -> [(name: String, value: String)] {
        Self.members.compactMap { member in
            let implied = member.name == "views" && query.hidesViews ? views : nil
            return (fields[member.name] ?? implied).map { (member.name, $0) }
        }
    }
}

/// The error of a query.
package struct QueryFault: Error {
    package let sentence: String
    init(_ sentence: String) { self.sentence = sentence }
}
