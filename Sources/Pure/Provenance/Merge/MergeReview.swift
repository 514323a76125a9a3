import InterlockJSON
package import InterlockModel

/// A platform's knowledge of a change that is about to be merged, as the file of `--review` states it
/// (docs/specs/coding-agents.md, section 13). The job that writes the file answers for it.
package struct MergeReview: Hashable, Sendable {
    /// The author: an agent, for which a person answers, or a person.
    package enum Author: Hashable, Sendable {
        case agent(AgentName, onBehalfOf: Person)
        case person(Person)

        /// The person whose approval of the change is no approval by another.
        package var person: Person {
            switch self {
            case .agent(_, let person), .person(let person): person
            }
        }
    }

    package enum Kind: String, CaseIterable, Sendable { case person, bot, group }

    package struct Review: Hashable, Sendable {
        package enum State: String, CaseIterable, Sendable {
            case approved
            case changesRequested = "changes_requested"
            case commented, dismissed, pending
        }

        /// The name by which the platform knows who reviewed.
        package let by: String
        package let kind: Kind
        package let state: State
        package let commit: GitObjectID
        /// The time at which it was submitted; nil if the platform does not say.
        package let at: Timestamp?
        /// The time at which its reader opened the change; nil if the platform does not measure it.
        package let began: Timestamp?
        /// The comments that it has; nil if the platform was not asked.
        package let comments: Int?
        /// Nil if the name is no e-mail address.
        package var person: Person? { kind == .person ? Person(by) : nil }
    }

    package struct Check: Hashable, Sendable {
        package enum Outcome: String, CaseIterable, Sendable { case pass, fail, pending }

        package let name: String
        package let commit: GitObjectID
        package let outcome: Outcome
    }

    /// The changes by agents that were opened before this one, are open, and wait for the person who merges.
    package struct Open: Hashable, Sendable {
        package let changes: Int
        package let lines: Int

        package init(changes: Int, lines: Int) {
            self.changes = changes
            self.lines = lines
        }
    }

    package let head: GitObjectID
    package let base: GitObjectID
    package let author: Author
    package let merger: String
    package let mergerKind: Kind
    package let labels: [String]
    /// The oldest first.
    package let reviews: [Review]
    /// The oldest first.
    package let checks: [Check]
    /// Nil if the platform was not asked.
    package let open: Open?
    /// The change as a whole; nil if the file does not name it, and then the log has nothing of it to count.
    package let change: Change?

    package static let mostBytes = 1 << 20
    private static let mostRows = 1000

    package init(parsing bytes: [UInt8]) throws(FormError) {
        let limits = JSONLimits(depth: 8, bytes: Self.mostBytes, values: 50_000, members: 64)
        let value: JSONValue
        do throws(JSONError) { value = try JSONValue(parsing: bytes, limits: limits) } catch {
            throw .json(error)
        }
        let fields = try StrictFields(
            value,
            required: ["head", "base", "author", "merger", "labels", "reviews", "checks"],
            optional: ["on_behalf_of", "merger_kind", "open", "change"])
        head = try fields.object("head")
        base = try fields.object("base")
        author = try Self.author(fields)
        merger = try fields.string("merger")
        mergerKind =
            fields.has("merger_kind")
            ? try fields.made("merger_kind", "person, bot or group", Kind.init) : .person
        labels = try fields.list("labels", count: 0...200, "text of 1 to 200 bytes") { text in
            (1...200).contains(text.utf8.count) ? ExactText(text) : nil
        }.map(\.text)
        var reviews: [Review] = []
        for (number, row) in try fields.array("reviews", count: 0...Self.mostRows).enumerated() {
            let fields = try StrictFields(
                row, at: "reviews[\(number)]", required: ["by", "kind", "state", "commit"],
                optional: ["at", "began", "comments"])
            reviews.append(
                Review(
                    by: try fields.string("by"),
                    kind: try fields.made("kind", "person, bot or group", Kind.init),
                    state: try fields.made("state", "the state of a review", Review.State.init),
                    commit: try fields.object("commit"),
                    at: try fields.timeIfAny("at"), began: try fields.timeIfAny("began"),
                    comments: fields.has("comments")
                        ? Int(try fields.integer("comments", in: 0...CheckedChangeLimits.comments))
                        : nil))
        }
        self.reviews = reviews
        var checks: [Check] = []
        for (number, row) in try fields.array("checks", count: 0...Self.mostRows).enumerated() {
            let fields = try StrictFields(
                row, at: "checks[\(number)]", required: ["name", "commit", "result"])
            checks.append(
                Check(
                    name: try fields.string("name", length: 1...200),
                    commit: try fields.object("commit"),
                    outcome: try fields.made(
                        "result", "pass, fail or pending", Check.Outcome.init)))
        }
        self.checks = checks
        change = fields.has("change") ? try Change(try fields.value("change")) : nil
        guard fields.has("open") else {
            open = nil
            return
        }
        let open = try StrictFields(
            try fields.value("open"), at: "open", required: ["changes", "lines"])
        self.open = Open(
            changes: Int(try open.integer("changes", in: 0...1_000_000)),
            lines: Int(try open.integer("lines", in: 0...1_000_000_000)))
    }

    private static func author(_ fields: StrictFields) throws(FormError) -> Author {
        let text = try fields.string("author")
        guard text.hasPrefix("agent:") else {
            guard !fields.has("on_behalf_of") else {
                throw .badMember("on_behalf_of", "absent, as the author is a person")
            }
            guard let person = Person(text) else {
                throw .badMember("author", "`agent:NAME` or an e-mail address")
            }
            return .person(person)
        }
        guard let agent = AgentName(String(text.dropFirst("agent:".utf8.count))) else {
            throw .badMember("author", "`agent:NAME` or an e-mail address")
        }
        let behalf = try fields.made("on_behalf_of", "an e-mail address") { Person($0) }
        return .agent(agent, onBehalfOf: behalf)
    }
}

extension StrictFields {
    /// A time in any form of RFC 3339; nil if the member is absent.
    func timeIfAny(_ key: String) throws(FormError) -> Timestamp? {
        guard has(key) else { return nil }
        return try made(key, "a time of RFC 3339") { Timestamp(rfc3339: $0) }
    }

    fileprivate func object(_ key: String) throws(FormError) -> GitObjectID {
        try made(key, "the name of a commit, 40 or 64 hexadecimal digits") { GitObjectID($0) }
    }
}
