package import InterlockAlerts
import InterlockJSON
package import InterlockModel
package import InterlockPorts

extension SQLiteStore: AlertStore {
    package func keep(_ alarm: RaisedAlert) async throws(StoreFailure) {
        let text = String(decoding: alarm.json.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                try database.run(
                    """
                    INSERT INTO alarm (id, at, disposed, body) VALUES (?, ?, ?, ?)
                    ON CONFLICT (id) DO UPDATE SET disposed = excluded.disposed, body = excluded.body
                    """, .text(alarm.id.text), .integer(alarm.at.microseconds),
                    .integer(alarm.finding == nil ? 0 : 1), .text(text))
                let count =
                    try database.run("SELECT count(*) FROM alarm").first?.first?.integer ?? 0
                guard count > Int64(AlertRetention.mostKept) else { return }
                // Deletes a tenth at once, so that not every insert pays for a deletion.
                try database.run(
                    """
                    DELETE FROM alarm WHERE id IN
                    (SELECT id FROM alarm ORDER BY disposed DESC, at LIMIT \(AlertRetention.mostKept / 10))
                    """)
            }
        }
    }

    package func alarms(
        since time: Timestamp, most: Int
    ) async throws(StoreFailure) -> [RaisedAlert] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT body FROM alarm WHERE at >= ? ORDER BY at DESC, id DESC LIMIT ?",
                .integer(time.microseconds), .integer(Int64(most)))
        }
        return try Self.alarms(in: rows)
    }

    /// Decodes rows. Unreadable rows are skipped, so that one does not hide the others.
    ///
    /// - Throws: an error if there are rows and none of them is readable.
    static func alarms(in rows: [[Database.Value]]) throws(StoreFailure) -> [RaisedAlert] {
        let alarms = rows.compactMap { json($0).flatMap { RaisedAlert($0) } }
        guard rows.isEmpty || !alarms.isEmpty else {
            throw StoreFailure(reason: "none of \(rows.count) alarms can be read")
        }
        return alarms
    }

    package func unanswered(
        since time: Timestamp, until end: Timestamp, most: Int
    ) async throws(StoreFailure) -> [RaisedAlert] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                """
                SELECT body FROM alarm WHERE at BETWEEN ? AND ? AND disposed = 0
                AND CASE WHEN json_valid(body) THEN body ->> '$.severity' IN ('high', 'page')
                AND body ->> '$.told' = 1 AND body ->> '$.escalated' IS NULL END
                ORDER BY at, id LIMIT ?
                """, .integer(time.microseconds), .integer(end.microseconds), .integer(Int64(most)))
        }
        return rows.compactMap { Self.json($0).flatMap { RaisedAlert($0) } }
            .filter(\.isUnanswered)
    }

    package func alarm(_ id: AlertID) async throws(StoreFailure) -> RaisedAlert? {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT body FROM alarm WHERE id = ?", .text(id.text))
        }
        guard let row = rows.first else { return nil }
        guard let alarm = Self.json(row).flatMap({ RaisedAlert($0) }) else {
            throw StoreFailure(reason: "the alarm \(id) has another form")
        }
        return alarm
    }

    package func keep(_ incident: Incident) async throws(StoreFailure) {
        let text = String(decoding: incident.json.serialized(), as: UTF8.self)
        try await perform { database throws(DatabaseError) in
            try database.run(
                """
                INSERT INTO incident (id, body) VALUES (?, ?)
                ON CONFLICT (id) DO UPDATE SET body = excluded.body
                """, .text(incident.id.text), .text(text))
        }
    }

    package func incident(_ id: IncidentID) async throws(StoreFailure) -> Incident? {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run("SELECT body FROM incident WHERE id = ?", .text(id.text))
        }
        guard let row = rows.first else { return nil }
        guard let incident = Self.json(row).flatMap({ Incident($0) }) else {
            throw StoreFailure(reason: "the incident \(id) has another form")
        }
        return incident
    }

    package func openIncidents() async throws(StoreFailure) -> [Incident] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT body FROM incident WHERE body ->> '$.closed' IS NULL ORDER BY id DESC")
        }
        let open = rows.compactMap { Self.json($0).flatMap { Incident($0) } }
        guard open.count == rows.count else {
            throw StoreFailure(reason: "an open incident has another form")
        }
        return open
    }

    package func incidents(most: Int) async throws(StoreFailure) -> [Incident] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT body FROM incident ORDER BY id DESC LIMIT ?", .integer(Int64(most)))
        }
        return rows.compactMap { Self.json($0).flatMap { Incident($0) } }
    }

    static func json(_ row: [Database.Value]) -> JSONValue? {
        row.first?.text.flatMap { try? JSONValue(parsing: Array($0.utf8), limits: .agent) }
    }
}

extension SQLiteStore: SightingStore {
    package func sightings(most: Int) async throws(StoreFailure) -> [Digest] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT digest FROM sighting ORDER BY rowid DESC LIMIT ?", .integer(Int64(most)))
        }
        return rows.compactMap { row in row.first?.text.flatMap { Digest(base64: $0) } }
    }

    package func keep(sightings: [Digest]) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                for digest in sightings {
                    try database.run(
                        "INSERT OR IGNORE INTO sighting (digest) VALUES (?)", .text(digest.base64))
                }
            }
        }
    }
}

extension SQLiteStore: BaselineStore {
    package func baselines(most: Int) async throws(StoreFailure) -> [StoredBaseline] {
        let rows = try await perform { database throws(DatabaseError) in
            try database.run(
                "SELECT agent, learned FROM baseline ORDER BY agent LIMIT ?", .integer(Int64(most)))
        }
        return rows.compactMap { row in
            guard row.count == 2, let name = row[0].text.flatMap(AgentName.init),
                case .blob(let learned) = row[1]
            else { return nil }
            return StoredBaseline(agent: name, learned: learned)
        }
    }

    package func keep(baselines: [StoredBaseline]) async throws(StoreFailure) {
        try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                for one in baselines {
                    try database.run(
                        """
                        INSERT INTO baseline (agent, learned) VALUES (?, ?)
                        ON CONFLICT (agent) DO UPDATE SET learned = excluded.learned
                        """, .text(one.agent.text), .blob(one.learned))
                }
            }
        }
    }
}
