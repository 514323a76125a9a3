package import InterlockJSON
package import InterlockModel

/// The states of a request for approval at the store.
package enum RequestStatus: String, Sendable, CaseIterable {
    case pending, approved, used, denied, expired, withdrawn, void

    /// True of the states by which a request ends without a use; each comes with an entry.
    package var isEnd: Bool {
        switch self {
        case .pending, .approved, .used: false
        case .denied, .expired, .withdrawn, .void: true
        }
    }
}

/// A request for approval as the node that asks signs it. Votes, uses and ends come later, without a new body:
/// `CountedRequest` verifies the columns that they change.
package struct RequestRow: ClusterRow {
    package let request: ApprovalID
    /// The revision of the review.
    package let revision: Int64
    package let version: Int64
    package let agent: AgentName
    package let run: RunID
    /// The number of times that a grant of it may be used.
    package let uses: Int64
    /// The number of votes that approve it.
    package let quorum: Int64
    /// The number of votes for this revision that the node had verified when it signed, with those that are dropped.
    package let votes: Int64
    /// The people whose votes for this revision do not count any more: they may not vote, or their credential was revoked.
    package let dropped: Set<Pseudonym>
    /// The number of uses in the chain when the node signed.
    package let used: Int64
    package let ends: Timestamp
    /// The stored form of the request, pending and without votes.
    package let content: JSONValue

    package struct Columns: RowColumns {
        package var request: String
        package var revision: Int64
        package var version: Int64
        package var status: String
        package var uses: Int64
        package var used: Int64
        package var agent: String
        package var run: String
        package var ends: Timestamp
        /// The node of the last change.
        package var node: String

        package init(
            request: String, revision: Int64, version: Int64, status: String, uses: Int64,
            used: Int64, agent: String, run: String, ends: Timestamp, node: String
        ) {
            self.request = request
            self.revision = revision
            self.version = version
            self.status = status
            self.uses = uses
            self.used = used
            self.agent = agent
            self.run = run
            self.ends = ends
            self.node = node
        }

        package var address: RowAddress { RowAddress(.approval, request, revision: revision) }
    }

    package var address: RowAddress { RowAddress(.approval, request.text, revision: revision) }

    package var columns: JSONObject {
        var columns: JSONObject = [
            "agent": .string(agent.text), "ends": .string(ends.rfc3339()),
            "quorum": .integer(quorum), "run": .string(run.text), "uses": .integer(uses),
            "votes": .integer(votes),
        ]
        if !dropped.isEmpty {
            columns["dropped"] = .array(dropped.map(\.text).sorted().map { .string($0) })
        }
        if used > 0 { columns["used"] = .integer(used) }
        return columns
    }

    /// - Throws: `badMember` if the content is that of another request or revision, or not pending, or if more votes are
    ///   dropped than there are.
    package init(
        _ request: ApprovalID, revision: Int64, version: Int64, agent: AgentName, run: RunID,
        uses: Int64, quorum: Int64, votes: Int64 = 0, dropped: Set<Pseudonym> = [],
        used: Int64 = 0, ends: Timestamp, content: JSONValue
    ) throws(FormError) {
        guard content["review"]?["request"] == .string(request.text),
            content["review"]?["revision"]?.integer == revision
        else { throw .badMember("content.review", "of this request and revision") }
        guard content["state"] == .string(RequestStatus.pending.rawValue),
            content["votes"] == .array([])
        else { throw .badMember("content.state", "`pending`, without votes") }
        guard Self.counts.contains(uses), Self.counts.contains(quorum), (0...Self.most) ~= votes
        else { throw .badMember("columns", "of 1 to \(Self.most) uses and votes") }
        guard dropped.count <= votes else {
            throw .badMember("columns.dropped", "people who voted")
        }
        guard (0..<uses) ~= used else {
            throw .badMember("columns.used", "fewer than `uses`")
        }
        self.request = request
        self.revision = revision
        self.version = version
        self.agent = agent
        self.run = run
        self.uses = uses
        self.quorum = quorum
        self.votes = votes
        self.dropped = dropped
        self.used = used
        self.ends = ends
        self.content = content
    }

    /// The largest number of uses and of votes.
    private static let most: Int64 = 1000
    private static let counts = 1...most

    package init(
        _ address: RowAddress, version: Int64, columns: JSONValue, content: JSONValue
    ) throws(FormError) {
        guard address.table == .approval, let request = ApprovalID(address.key.text) else {
            throw .badMember("key", "that of a request")
        }
        let fields = try StrictFields(
            columns, at: "columns",
            required: ["agent", "ends", "quorum", "run", "uses", "votes"],
            optional: ["dropped", "used"])
        let people: [Pseudonym] =
            fields.has("dropped")
            ? try fields.list(
                "dropped", count: 1...Int(Self.most), "a pseudonym", Pseudonym.init(written:))
            : []
        guard people.map(\.text) == people.map(\.text).sorted() else {
            throw fields.bad("dropped", "in the order of their pseudonyms")
        }
        try self.init(
            request, revision: address.revision, version: version,
            agent: try fields.made("agent", "an agent's name") { AgentName($0) },
            run: try fields.made("run", "a run's id") { RunID($0) },
            uses: try fields.integer("uses", in: Self.counts),
            quorum: try fields.integer("quorum", in: Self.counts),
            votes: try fields.integer("votes", in: 0...Self.most), dropped: Set(people),
            used: fields.has("used") ? try fields.integer("used", in: Self.counts) : 0,
            ends: try fields.time("ends", fractionDigits: 6), content: content)
    }

    package func otherColumn(in columns: Columns, node: NodeName) -> String? {
        if columns.version < version { return "ver" }
        if columns.uses != uses { return "uses" }
        if !sameBytes(columns.agent, agent.text) { return "agent" }
        if !sameBytes(columns.run, run.text) { return "run" }
        if columns.ends != ends { return "ends" }
        if columns.version == version, !sameBytes(columns.node, node.text) { return "node" }
        return nil
    }
}
