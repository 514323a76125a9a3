package import InterlockCluster
package import InterlockJSON
package import InterlockModel

/// Rows that a node reads, with types, lengths and ranges verified; seals and signatures are for `RowVerifier`.
extension ClusterStore {
    static let requestColumns = [
        "id", "rev", "ver", "state", "uses", "used", "agent", "run", "ends", "node", "body",
        "vote.rev", "vote.person", "vote.origin", "vote.leaf", "vote.node", "vote.proof",
    ]

    private static let readColumns = """
        SELECT a.id, a.rev, a.ver, a.state, a.uses, a.used, a.agent, a.run,
               (extract(epoch FROM a.ends) * 1000000)::bigint, a.node, a.body,
               v.rev, v.person, v.origin, v.leaf, v.node, v.proof
        """

    /// The statement that reads a request with its votes, a row for each vote and one if there are none.
    private static let readingRequest = """
        \(readColumns)
          FROM il.approval a LEFT JOIN il.vote v ON v.id = a.id
         WHERE a.id = $1 ORDER BY v.rev, v.person LIMIT $2::bigint
        """

    /// The statement that reads some requests with their votes, the newest first.
    private static let readingRequests = """
        \(readColumns)
          FROM (SELECT * FROM il.approval
                 WHERE state = ANY ($1::text[]) AND id >= $2 AND ($3::text IS NULL OR id < $3)
                 ORDER BY id DESC LIMIT $4::bigint) a LEFT JOIN il.vote v ON v.id = a.id
         ORDER BY a.id DESC, v.rev, v.person
        """

    /// Returns a request with its votes; nil if the store has none of this id. A standby or deposed primary may answer it,
    /// so a change that builds on it names its version.
    package func request(_ id: ApprovalID) async throws(ClusterCallFailure) -> StoredRequest? {
        let rows = try await rows(
            Self.readingRequest, [.text(id.text), .integer(StoreLimits.votes + 1)])
        return rows.isEmpty ? nil : try Self.request(of: rows)
    }

    /// Returns the newest requests in these states with their votes, the newest first, at most
    /// `StoreLimits.requests` of them.
    ///
    /// - Parameters:
    ///   - first: the least id.
    ///   - last: the last id of the page before; nil for the first page.
    package func requests(
        in statuses: [RequestStatus], from first: ApprovalID, before last: ExactText? = nil
    ) async throws(ClusterCallFailure) -> [FoundRequest] {
        let rows = try await rows(
            Self.readingRequests,
            [
                .list(statuses.map(\.rawValue)),
                .text(first.text),
                last.map { .text($0.text) } ?? .null,
                .integer(StoreLimits.requests),
            ])
        var groups: [(id: ExactText, rows: [[StoreColumn]])] = []
        for values in rows {
            let row = try RowReader(values, Self.requestColumns, of: "requests")
            let id = ExactText(try row.text("id", StoreLimits.key))
            if groups.last?.id == id {
                groups[groups.count - 1].rows.append(values)
            } else {
                groups.append((id, [values]))
            }
        }
        return groups.map { group in
            FoundRequest(
                id: group.id,
                request: Result { () throws(ClusterCallFailure) -> StoredRequest in
                    try Self.request(of: group.rows)
                })
        }
    }

    /// Returns the runs of the requests that the store has.
    package func runsOfRequests() async throws(ClusterCallFailure) -> Set<ExactText> {
        let rows = try await rows("SELECT DISTINCT run FROM il.approval", [])
        var runs: Set<ExactText> = []
        for values in rows {
            let row = try RowReader(values, ["run"], of: "runs")
            runs.insert(ExactText(try row.text("run", StoreLimits.key)))
        }
        return runs
    }

    /// - Parameter rows: the rows of one request, at least one.
    private static func request(
        of rows: [[StoreColumn]]
    ) throws(ClusterCallFailure) -> StoredRequest {
        var request: StoredRow<RequestRow>?
        var votes: [StoredRow<VoteRow>] = []
        for values in rows {
            let row = try RowReader(values, requestColumns, of: "request")
            let own = try Self.request(row)
            guard request == nil || request == own else {
                throw row.fault("id", "one request was expected")
            }
            request = own
            if let vote = try Self.vote(row) { votes.append(vote) }
            guard votes.count <= Int(StoreLimits.votes) else {
                throw row.fault("vote.person", "at most \(StoreLimits.votes) votes were expected")
            }
        }
        guard let request else { preconditionFailure("a request has a row") }
        return StoredRequest(request: request, votes: votes)
    }

    private static func request(
        _ row: RowReader
    ) throws(ClusterCallFailure) -> StoredRow<RequestRow> {
        StoredRow(
            RequestRow.Columns(
                request: try row.text("id", StoreLimits.key),
                revision: try row.integer("rev", StoreLimits.versions),
                version: try row.integer("ver", StoreLimits.versions),
                status: try row.text("state", StoreLimits.kind),
                uses: try row.integer("uses", StoreLimits.versions),
                used: try row.integer("used", 0...Int64(Int32.max)),
                agent: try row.text("agent", StoreLimits.key),
                run: try row.text("run", StoreLimits.key),
                ends: Timestamp(microseconds: try row.integer("ends", StoreLimits.times)),
                node: try row.text("node", StoreLimits.node)),
            body: try row.bytes("body", 1...RowTable.approval.bodyLimit))
    }

    /// - Returns: nil if the row is that of a request without votes.
    private static func vote(
        _ row: RowReader
    ) throws(ClusterCallFailure) -> StoredRow<VoteRow>? {
        if row.isNull("vote.rev") {
            for column in requestColumns.suffix(5) { try row.expectNull(column) }
            return nil
        }
        return StoredRow(
            VoteRow.Columns(
                request: try row.text("id", StoreLimits.key),
                revision: try row.integer("vote.rev", StoreLimits.versions),
                person: try row.text("vote.person", StoreLimits.key),
                origin: try row.text("vote.origin", StoreLimits.origin),
                leaf: try row.integer("vote.leaf", StoreLimits.numbers),
                node: try row.text("vote.node", StoreLimits.node)),
            body: try row.bytes("vote.proof", 1...RowTable.vote.bodyLimit))
    }
}
