package import InterlockJSON
package import InterlockModel
package import InterlockPorts

extension SQLiteStore: ElevationStore {
    package func openElevations() async throws(StoreFailure) -> [JSONValue] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT id, body FROM elevation WHERE state NOT IN ('denied', 'ended') ORDER BY id")
        }
        return try bodies(of: rows)
    }

    package func holds(elevation id: ElevationID) async throws(StoreFailure) -> Bool {
        try await perform { database throws(DatabaseError) in
            try !database.run("SELECT 1 FROM elevation WHERE id = ?", .text(id.text)).isEmpty
        }
    }

    package func insert(
        elevation id: ElevationID, state: String, revision: Int, body: JSONValue
    ) async throws(StoreFailure) {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                "INSERT INTO elevation (id, state, revision, body) VALUES (?, ?, ?, ?)",
                .text(id.text), .text(state), .integer(Int64(revision)), .text(text))
        }
    }

    package func replace(
        elevation id: ElevationID, revision: Int, with state: String, newRevision: Int,
        body: JSONValue
    ) async throws(StoreFailure) -> Bool {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        return try await perform { database throws(DatabaseError) in
            try database.run(
                """
                UPDATE elevation SET state = ?, revision = ?, body = ?
                WHERE id = ? AND revision = ?
                """,
                .text(state), .integer(Int64(newRevision)), .text(text), .text(id.text),
                .integer(Int64(revision)))
            return database.changes == 1
        }
    }
}
