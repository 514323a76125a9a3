package import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts

/// Requests. Each change is one statement, so it is in the database whole or not at all.
extension SQLiteStore {
    /// The states in which a request is final; a start leaves them out.
    private static let finalStates = list(ApprovalRowState.allCases.filter(\.isFinal))

    private static func list(_ states: [ApprovalRowState]) -> String {
        states.map { "'\($0.rawValue)'" }.joined(separator: ", ")
    }

    package func rows(refusedSince time: Timestamp) async throws(StoreFailure) -> ApprovalRows {
        let first = ApprovalID.least(since: time)
        let (open, refused) = try await perform { database throws(DatabaseError) in
            (
                try database.run(
                    """
                    SELECT id, body, version FROM approval
                    WHERE state NOT IN (\(Self.finalStates)) ORDER BY id
                    """),
                try database.run(
                    """
                    SELECT id, body FROM approval WHERE state IN ('denied', 'expired') AND id >= ?
                    ORDER BY id DESC LIMIT \(ApprovalRows.mostRefused)
                    """, .text(first.text))
            )
        }
        var unreadable: [String] = []
        // One unreadable row must not hide the others.
        func body(of row: [Database.Value]) -> JSONValue? {
            do throws(StoreFailure) { return try bodies(of: [Array(row.prefix(2))]).first } catch {
                unreadable.append(row.first?.text ?? "")
                return nil
            }
        }
        var rows: [(version: Int, body: JSONValue)] = []
        for row in open {
            guard let body = body(of: row) else { continue }
            rows.append((row.last?.integer.flatMap(Int.init(exactly:)) ?? 0, body))
        }
        let past = refused.reversed().compactMap(body)
        return ApprovalRows(open: rows, refused: past, unreadable: unreadable)
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

    package func version(of id: ApprovalID) async throws(StoreFailure) -> Int? {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT version FROM approval WHERE id = ?", .text(id.text))
        }
        return rows.first?.first?.integer.flatMap(Int.init(exactly:))
    }

    package func write(
        _ change: ApprovalChange, to row: ApprovalRow, body: JSONValue
    ) async throws(StoreFailure) -> ApprovalWrite {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        let id = Database.Value.text(row.id.text)
        let state = change.result.map { Database.Value.text($0.rawValue) } ?? .null
        let next = Database.Value.integer(Int64(row.version + 1))
        let revision = Database.Value.integer(Int64(row.revision + change.revisions))
        return try await perform { database throws(DatabaseError) in
            if change == .ask {
                try database.run(
                    """
                    INSERT INTO approval (id, state, revision, version, body) VALUES (?, ?, ?, ?, ?)
                    ON CONFLICT (id) DO NOTHING
                    """, id, state, revision, next, .text(text))
            } else {
                try database.run(
                    """
                    UPDATE approval SET state = coalesce(?, state), revision = ?, version = ?, body = ?
                    WHERE id = ? AND revision = ? AND version = ?
                    AND state IN (\(Self.list(change.origins)))
                    """,
                    state, revision, next, .text(text), id, .integer(Int64(row.revision)),
                    .integer(Int64(row.version)))
            }
            if database.changes == 1 { return .done }
            let same = try database.run(
                """
                SELECT 1 FROM approval WHERE id = ? AND state = coalesce(?, state) AND revision = ?
                AND version = ? AND body = ?
                """, id, state, revision, next, .text(text))
            return same.isEmpty ? .superseded : .done
        }
    }

    package func removeRequests(of erasure: Erasure) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            let rows = try database.run(
                """
                SELECT id, CASE WHEN json_valid(body) THEN body ->> '$.request.review.call.run' END
                FROM approval WHERE state <> 'using'
                """)
            let erased = rows.filter { row in
                row.last?.text.flatMap { RunID($0) }.map { erasure.covers(.run($0)) } ?? false
            }
            try database.transaction { () throws(DatabaseError) in
                for row in erased {
                    try database.run("DELETE FROM approval WHERE id = ?", [row[0]])
                }
            }
            try database.emptyWriteAheadLog()
        }
    }
}
