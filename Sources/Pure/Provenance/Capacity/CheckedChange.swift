package import InterlockJSON
package import InterlockModel

/// The state of a change on its platform.
package enum ChangeState: String, CaseIterable, Sendable { case open, merged, closed }

/// One change at the time of a merge check, as the check states it to the gateway and the log keeps it
/// (docs/specs/trust-and-review.md, section 10).
///
/// People are named by their addresses on the way to the gateway, and by their pseudonyms in the log.
package struct CheckedChange<Name: Hashable & Sendable>: Hashable, Sendable {
    package typealias Verdict = MergeReview.Review.State

    package struct Review: Hashable, Sendable {
        package let by: Name
        package let verdict: Verdict
        /// The time at which it was submitted; nil if the platform does not say.
        package let at: Timestamp?
        /// The time at which its reader opened the change; nil if the platform does not measure it.
        package let began: Timestamp?
        /// The comments that it has; nil if the platform was not asked.
        package let comments: Int?

        package init(
            by: Name, verdict: Verdict, at: Timestamp?, began: Timestamp?, comments: Int?
        ) {
            self.by = by
            self.verdict = verdict
            self.at = at
            self.began = began
            self.comments = comments
        }
    }

    package let id: ChangeID
    package let state: ChangeState
    package let opened: Timestamp
    /// The time of the merge or of closing; nil while it is open.
    package let ended: Timestamp?
    /// True if an agent wrote something of it.
    package let isAssisted: Bool
    /// The lines added and removed.
    package let lines: Int
    /// The words in these lines; nil if there are too many lines to count them.
    package let words: Int?
    /// The person who merges; nil if no person does.
    package let merger: Name?
    /// The oldest first.
    package let reviews: [Review]
    /// The commits of the change, the newest first, and that by which it was merged.
    package let commits: [GitObjectID]
    /// The commits that its own commits revert, by their messages.
    package let reverted: [GitObjectID]

    package init(
        id: ChangeID, state: ChangeState, opened: Timestamp, ended: Timestamp?, isAssisted: Bool,
        lines: Int, words: Int?, merger: Name?, reviews: [Review], commits: [GitObjectID],
        reverted: [GitObjectID]
    ) {
        self.id = id
        self.state = state
        self.opened = opened
        self.ended = ended
        self.isAssisted = isAssisted
        self.lines = lines
        self.words = words
        self.merger = merger
        self.reviews = reviews
        self.commits = commits
        self.reverted = reverted
    }

    /// - Parameter name: reads the name of a person; returns nil for any other text.
    package init(
        _ value: JSONValue, at path: String = "", name: (String) -> Name?
    ) throws(FormError) {
        let fields = try StrictFields(
            value, at: path,
            required: [
                "repository", "number", "state", "opened", "assisted", "lines", "reviews",
                "commits", "reverted",
            ], optional: ["ended", "words", "merger"])
        id = try ChangeID(fields)
        state = try fields.made("state", "open, merged or closed") { ChangeState(rawValue: $0) }
        opened = try fields.time("opened", fractionDigits: 3)
        ended = fields.has("ended") ? try fields.time("ended", fractionDigits: 3) : nil
        isAssisted = try fields.bool("assisted")
        lines = Int(try fields.integer("lines", in: 0...CheckedChangeLimits.lines))
        words =
            fields.has("words")
            ? Int(try fields.integer("words", in: 0...CheckedChangeLimits.words)) : nil
        merger = fields.has("merger") ? try fields.made("merger", "a person", name) : nil
        var rows: [Review] = []
        let values = try fields.array("reviews", count: 0...CheckedChangeLimits.reviews)
        for (number, row) in values.enumerated() {
            rows.append(
                try Self.review(
                    row, at: (path.isEmpty ? "" : path + ".") + "reviews[\(number)]", name))
        }
        reviews = rows
        commits = try fields.list(
            "commits", count: 0...CheckedChangeLimits.commits, "the name of a commit"
        ) { GitObjectID($0) }
        reverted = try fields.list(
            "reverted", count: 0...CheckedChangeLimits.commits, "the name of a commit"
        ) { GitObjectID($0) }
        guard (ended == nil) == (state == .open) else {
            throw fields.bad("ended", "the time of the end, and absent while the change is open")
        }
    }

    private static func review(
        _ value: JSONValue, at path: String, _ name: (String) -> Name?
    ) throws(FormError) -> Review {
        let fields = try StrictFields(
            value, at: path, required: ["by", "state"], optional: ["at", "began", "comments"])
        let by = try fields.made("by", "a person", name)
        let verdict = try fields.made("state", "the state of a review") { text in
            Verdict(rawValue: text)
        }
        let at = fields.has("at") ? try fields.time("at", fractionDigits: 3) : nil
        let began = fields.has("began") ? try fields.time("began", fractionDigits: 3) : nil
        let comments =
            fields.has("comments")
            ? Int(try fields.integer("comments", in: 0...CheckedChangeLimits.comments)) : nil
        return Review(by: by, verdict: verdict, at: at, began: began, comments: comments)
    }

    /// - Parameter name: writes the name of a person.
    package func json(_ name: (Name) -> String) -> JSONValue {
        var object: JSONObject = [
            "repository": .string(id.repository.text), "number": .string(id.number.text),
            "state": .string(state.rawValue), "opened": Self.time(opened),
            "assisted": .bool(isAssisted), "lines": .integer(Int64(lines)),
        ]
        object["ended"] = ended.map { Self.time($0) }
        object["words"] = words.map { .integer(Int64($0)) }
        object["merger"] = merger.map { .string(name($0)) }
        object["reviews"] = .array(
            reviews.map { review -> JSONValue in
                var row: JSONObject = [
                    "by": .string(name(review.by)), "state": .string(review.verdict.rawValue),
                ]
                row["at"] = review.at.map { Self.time($0) }
                row["began"] = review.began.map { Self.time($0) }
                row["comments"] = review.comments.map { .integer(Int64($0)) }
                return .object(row)
            })
        object["commits"] = .array(commits.map { .string($0.text) })
        object["reverted"] = .array(reverted.map { .string($0.text) })
        return .object(object)
    }

    private static func time(_ time: Timestamp) -> JSONValue {
        .string(time.rfc3339(fractionDigits: 3))
    }
}

/// The greatest numbers of one checked change.
package enum CheckedChangeLimits {
    package static let lines: Int64 = 1_000_000_000
    package static let words: Int64 = 10_000_000_000
    package static let comments: Int64 = 100_000
    /// The reviews that are stated; of more, the newest.
    package static let reviews = 200
    /// The commits that are stated; of more, the newest.
    package static let commits = 200
}
