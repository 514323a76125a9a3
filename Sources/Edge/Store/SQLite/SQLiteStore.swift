package import InterlockJSON
package import InterlockModel
package import InterlockPorts

/// The store of a node in `state/interlock.db`. All work runs on a dedicated thread, off the call path; a method returns
/// once its change is durable.
///
/// INVARIANT: a stored request that cannot be read keeps no other from being read, and is never granted. Kept by
/// `SQLiteStoreTests`.
@safe package final class SQLiteStore: NodeStore, Sendable {
    /// Used only by the jobs' thread after `init`.
    @safe private nonisolated(unsafe) var database: Database?
    private let jobs: JobThread

    /// The states in which a request is final; `open` leaves them out.
    private static let finalStates = "'denied', 'expired', 'withdrawn', 'void', 'used'"
    static let maximumWaiting = 1024

    /// Opens or creates the store and migrates it to the newest schema.
    package init(path: String) throws(StoreFailure) {
        do throws(DatabaseError) {
            let database = try Database(path)
            try Migrations.apply(to: database)
            self.database = database
        } catch {
            throw StoreFailure(reason: "the store `\(path)` cannot be used: \(error.reason)")
        }
        jobs = JobThread("store", limit: Self.maximumWaiting)
    }

    package func close() {
        _ = jobs.submit { [self] in database = nil }
        jobs.close()
    }

    package func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        // An id begins with its time of creation.
        let first = ApprovalID(
            milliseconds: max(0, time.milliseconds), random: [UInt8](repeating: 0, count: 10))
        let (open, refused) = try await perform { database throws(DatabaseError) in
            (
                try database.run(
                    "SELECT id, body FROM approval WHERE state NOT IN (\(Self.finalStates)) ORDER BY id"
                ),
                try database.run(
                    """
                    SELECT id, body FROM approval WHERE state IN ('denied', 'expired') AND id >= ?
                    ORDER BY id DESC LIMIT \(ApprovalRows.mostRefused)
                    """, .text(first.text))
            )
        }
        var unreadable: [String] = []
        // One unreadable row must not hide the others.
        func readable(_ rows: [[Database.Value]]) -> [JSONValue] {
            rows.compactMap { row in
                do throws(StoreFailure) { return try bodies(of: [row]).first } catch {
                    unreadable.append(row.first?.text ?? "")
                    return nil
                }
            }
        }
        return ApprovalRows(
            open: readable(open), refused: readable(refused.reversed()), unreadable: unreadable)
    }

    package func endedRows(
        most: Int
    ) async throws(StoreFailure) -> (bodies: [JSONValue], unreadable: Int) {
        let rows = try await perform { database throws(DatabaseError) in
            // Reads the primary key backwards: the index by state would require a sort.
            try database.run(
                """
                SELECT id, body FROM approval NOT INDEXED WHERE state IN (\(Self.finalStates))
                ORDER BY id DESC LIMIT ?
                """, .integer(Int64(most)))
        }
        let read = rows.compactMap { row in try? bodies(of: [row]).first }
        return (read, rows.count - read.count)
    }

    /// The JSON bodies of rows that each hold an id and a body.
    func bodies(of rows: [[Database.Value]]) throws(StoreFailure) -> [JSONValue] {
        var values: [JSONValue] = []
        for row in rows {
            guard row.count == 2, let id = row[0].text, let body = row[1].text else {
                throw StoreFailure(reason: "a stored request has another form")
            }
            do {
                values.append(try JSONValue(parsing: Array(body.utf8), limits: .stored))
            } catch {
                throw StoreFailure(reason: "the stored request `\(id)` cannot be read: \(error)")
            }
        }
        return values
    }

    package func insert(
        id: ApprovalID, state: String, revision: Int, body: JSONValue
    ) async throws(StoreFailure) {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                "INSERT INTO approval (id, state, revision, body) VALUES (?, ?, ?, ?)",
                .text(id.text), .text(state), .integer(Int64(revision)), .text(text))
        }
    }

    package func replace(
        id: ApprovalID, revision: Int, state: String, with newState: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        return try await perform { database throws(DatabaseError) in
            try database.run(
                """
                UPDATE approval SET state = ?, revision = ?, body = ?
                WHERE id = ? AND revision = ? AND state = ?
                """,
                .text(newState), .integer(Int64(newRevision)), .text(text), .text(id.text),
                .integer(Int64(revision)), .text(state))
            return database.changes == 1
        }
    }

    package func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool {
        try await perform { database throws(DatabaseError) in
            try database.run(
                "INSERT INTO nonce (nonce, expires) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING",
                .text(nonce), .integer(expires.microseconds))
            return database.changes == 1
        }
    }

    @discardableResult
    func perform<T: Sendable>(
        _ body: @escaping @Sendable (Database) throws(DatabaseError) -> T
    ) async throws(StoreFailure) -> T {
        try await jobs.answer(busy: "the store is closed or too busy") {
            [self] () throws(StoreFailure) in
            guard let database else { throw StoreFailure(reason: "the store is closed") }
            do throws(DatabaseError) { return try body(database) } catch {
                throw StoreFailure(reason: "the store answers: \(error.reason)")
            }
        }
    }
}
