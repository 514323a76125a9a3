package import InterlockJSON
package import InterlockModel
package import InterlockPorts

extension SQLiteStore: QuarantineStore {
    package func quarantines() async throws(StoreFailure) -> [(server: ServerName, body: JSONValue)]
    {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT server, body FROM quarantine ORDER BY server")
        }
        var found: [(server: ServerName, body: JSONValue)] = []
        for row in rows {
            guard let server = row[0].text.flatMap(ServerName.init) else {
                throw StoreFailure(reason: "a quarantined server has no name")
            }
            let body = row[1].text.flatMap {
                try? JSONValue(parsing: Array($0.utf8), limits: .agent)
            }
            found.append((server, body ?? .null))
        }
        return found
    }

    package func keep(quarantine server: ServerName, body: JSONValue) async throws(StoreFailure) {
        let text = String(decoding: body.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                """
                INSERT INTO quarantine (server, body) VALUES (?, ?)
                ON CONFLICT (server) DO UPDATE SET body = excluded.body
                """, .text(server.text), .text(text))
        }
    }

    package func remove(quarantine server: ServerName) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.run("DELETE FROM quarantine WHERE server = ?", .text(server.text))
        }
    }
}
