package import InterlockApprovals
import InterlockJSON
package import InterlockModel
package import InterlockPorts

extension SQLiteStore: PeopleStore {
    package func peopleRows() async throws(StoreFailure) -> [PeopleRow] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT kind, id, body FROM people ORDER BY kind, id")
        }
        var found: [PeopleRow] = []
        for row in rows {
            guard let kind = row[0].text.flatMap(PeopleRow.Kind.init(rawValue:)),
                let id = row[1].text,
                let body = try bodies(of: [[row[1], row[2]]]).first
            else { throw StoreFailure(reason: "a stored credential has another form") }
            found.append(PeopleRow(kind, id, body))
        }
        return found
    }

    package func keep(
        people rows: [PeopleRow], appending drafts: [ControlDraft]
    ) async throws(StoreFailure) {
        guard !rows.isEmpty || !drafts.isEmpty else { return }
        let stamp = stamp
        let entries = try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                for row in rows { try Self.keep(row, in: database) }
                return try database.append(drafts, stamp)
            }
        }
        tell(of: entries)
    }

    private static func keep(_ row: PeopleRow, in database: Database) throws(DatabaseError) {
        guard let body = row.body else {
            try database.run(
                "DELETE FROM people WHERE kind = ? AND id = ?", .text(row.kind.rawValue),
                .text(row.id))
            return
        }
        try database.run(
            """
            INSERT INTO people (kind, id, body) VALUES (?, ?, ?)
            ON CONFLICT (kind, id) DO UPDATE SET body = excluded.body
            """, .text(row.kind.rawValue), .text(row.id),
            .text(String(decoding: body.serialized(), as: UTF8.self)))
    }
}
