package import InterlockJSON
package import InterlockModel
package import InterlockPorts

extension SQLiteStore: ProbeStore {
    package func probes() async throws(StoreFailure) -> [JSONValue] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT id, body FROM probe ORDER BY id")
        }
        return rows.compactMap { row in try? bodies(of: [row]).first }
    }

    package func keep(probe id: ApprovalID, body: JSONValue) async throws(StoreFailure) {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                """
                INSERT INTO probe (id, body) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET body = excluded.body
                """, .text(id.text), .text(text))
        }
    }

    package func drop(probe id: ApprovalID) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.run("DELETE FROM probe WHERE id = ?", .text(id.text))
        }
    }
}
