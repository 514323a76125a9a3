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

    package func put(
        elevation id: ElevationID, state: String, revision: Int, replacing before: Int?,
        body: JSONValue, appending entry: ControlDraft?
    ) async throws(StoreFailure) -> Bool {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        // A new row has no revision to compare; an existing one is a conflict, which changes nothing.
        let statement =
            before == nil
            ? "INSERT OR IGNORE INTO elevation (state, revision, body, id) VALUES (?, ?, ?, ?)"
            : "UPDATE elevation SET state = ?, revision = ?, body = ? WHERE id = ? AND revision = ?"
        let stamp = stamp
        let (isKept, entries) = try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.run(
                    statement,
                    [.text(state), .integer(Int64(revision)), .text(text), .text(id.text)]
                        + (before.map { [.integer(Int64($0))] } ?? []))
                guard database.changes == 1 else { return (false, [ControlEntry]()) }
                return (true, try database.append(entry.map { [$0] } ?? [], stamp))
            }
        }
        tell(of: entries)
        return isKept
    }
}
