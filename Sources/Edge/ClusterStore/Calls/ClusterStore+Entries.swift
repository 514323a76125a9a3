package import InterlockCluster
import InterlockJSON

/// The control chain. Rows are as the store has them, with lengths and ranges verified; links, digests and signatures are
/// for `ChainFollower`.
extension ClusterStore {
    static let entryColumns = ["n", "prev", "digest", "kind", "subject", "body", "node", "at"]

    /// The statement that reads entries: up to 1,024 of them and about 4 MiB of their bodies, but at least one.
    private static let reading = """
        SELECT n, prev, digest, kind, subject, body, node, at FROM (
            SELECT c.*, sum(coalesce(octet_length(body), 0)) OVER (ORDER BY n) AS size FROM (
                SELECT * FROM il.control WHERE n > $1::bigint ORDER BY n LIMIT $2::bigint) c) x
         WHERE n = $1::bigint + 1 OR size <= $3::bigint ORDER BY n
        """

    /// Returns the entries after `known`, in the order of their numbers: as many as fit, and none if there are none. A
    /// standby or deposed primary may answer it, so a result that is empty does not show that the chain ends there: the
    /// heartbeat names the head.
    ///
    /// - Parameter known: a number, or -1 for all.
    package func entries(after known: Int64) async throws(ClusterCallFailure) -> [StoredEntry] {
        let values: [StoreValue] = [
            .integer(known), .integer(StoreLimits.entries), .integer(StoreLimits.entryBytes),
        ]
        return try Self.entries(try await rows(Self.reading, values), of: "entries")
    }

    static func entries(
        _ rows: [[StoreColumn]], of function: String
    ) throws(ClusterCallFailure) -> [StoredEntry] {
        var entries: [StoredEntry] = []
        for row in rows {
            entries.append(try entry(RowReader(row, entryColumns, of: function)))
        }
        return entries
    }

    private static func entry(_ row: RowReader) throws(ClusterCallFailure) -> StoredEntry {
        let number = try row.integer("n", StoreLimits.numbers)
        let limit = number == 0 ? EntryLimits.genesisBody : EntryLimits.body
        // The time of the store is covered by no digest, so nothing rests on it.
        _ = try row.integer("at", StoreLimits.times)
        return StoredEntry(
            number: number, previous: try row.digest("prev"), digest: try row.digest("digest"),
            kind: try row.text("kind", StoreLimits.kind),
            subject: try row.text("subject", EntryLimits.subject),
            body: row.isNull("body") ? nil : try row.bytes("body", 1...limit),
            node: try row.text("node", StoreLimits.node))
    }

    /// Appends an entry that has no function of its own, and returns its number. The same bytes again, or a halt or
    /// release that the chain has, return the number of the entry that is there.
    package func append(
        _ draft: EntryDraft, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Int64 {
        try check(draft)
        return try await integer(
            .record, StoreLimits.numbers,
            [
                .integer(incarnation),
                .text(draft.kind.text),
                .text(draft.subject),
                .bytes(draft.body),
            ])
    }

    /// Appends an entry that admits a node or retires it, and returns its number. A node that claims a permit is admitted.
    package func appendMember(
        _ draft: EntryDraft, _ change: MemberOrder.Change, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Int64 {
        try check(draft)
        let (name, action): (NodeName, String)
        switch change {
        case .admit(let keys, _): (name, action) = (keys.name, "admit")
        case .retire(let retired): (name, action) = (retired, "retire")
        case .found, .permit: throw .unfit("an entry that neither admits nor retires a node")
        }
        guard draft.kind == .widening(.member), sameBytes(draft.subject, name.text) else {
            throw .unfit("an entry that is not about \(name)")
        }
        return try await integer(
            .member, StoreLimits.numbers,
            [
                .integer(incarnation),
                .text(name.text),
                .text(action),
                .bytes(draft.body),
            ])
    }

    /// Puts back an entry of this node's copy that the store has lost.
    ///
    /// - Returns: false if the entry is there already.
    /// - Throws: `closed` if it does not link to the head.
    package func repair(
        _ entry: StoredEntry, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Bool {
        guard let previous = entry.previous, let digest = entry.digest, let body = entry.body else {
            throw .unfit("an entry without its body")
        }
        return try await flag(
            .repair,
            [
                .integer(incarnation),
                .integer(entry.number),
                .digest(previous),
                .digest(digest),
                .text(entry.kind),
                .text(entry.subject),
                .bytes(body),
                .text(entry.node),
            ])
    }
}
