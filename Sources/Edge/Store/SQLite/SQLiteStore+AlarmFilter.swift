import InterlockAlerts
package import InterlockGateway
import InterlockJSON
package import InterlockModel

extension SQLiteStore {
    /// Of at most 10,000 rows, of which SQLite looks into the bodies, and only what is shown is read here.
    package func alarms(
        since time: Timestamp, _ filter: AlarmFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlarmSlice {
        let search = AlarmSearch(since: time, filter, agents)
        let (count, rows) = try await perform { database throws(DatabaseError) in
            (
                try database.run("SELECT count(*) FROM " + search.rows, search.values)
                    .first?.first?.integer ?? 0,
                try database.run(
                    "SELECT body FROM \(search.rows) ORDER BY at DESC, id DESC LIMIT ? OFFSET ?",
                    search.values + [.integer(Int64(most)), .integer(Int64(first))])
            )
        }
        // One row must not keep the others from being read.
        return AlarmSlice(
            alarms: rows.compactMap { Self.json($0).flatMap { RaisedAlarm($0) } },
            count: Int(count))
    }
}

/// The rows that a filter leaves, in SQL. What was asked is bound, never written into the text.
private struct AlarmSearch {
    let rows: String
    private(set) var values: [Database.Value]

    init(since time: Timestamp, _ filter: AlarmFilter, _ agents: Set<AgentName>?) {
        var conditions = ["1"]
        var asked: [Database.Value] = []
        func add(_ condition: String, _ value: String?) {
            guard let value else { return }
            conditions.append(condition)
            asked.append(.text(value))
        }
        add("body ->> '$.code' = ?", filter.code)
        add("body ->> '$.agent' = ?", filter.agent?.text)
        add("body ->> '$.severity' = ?", filter.severity?.rawValue)
        if let isDisposed = filter.isDisposed {
            conditions.append("disposed = \(isDisposed ? 1 : 0)")
        }
        if let agents {
            let names = JSONValue.array(agents.map { .string($0.text) }).serialized()
            add(
                "body ->> '$.agent' IN (SELECT value FROM json_each(?))",
                String(decoding: names, as: UTF8.self))
        }
        rows = """
            (SELECT id, at, body FROM
            (SELECT id, at, disposed, body FROM alarm WHERE at >= ?
            ORDER BY at DESC, id DESC LIMIT \(AlarmDesk.mostRead))
            WHERE CASE WHEN json_valid(body) THEN \(conditions.joined(separator: " AND ")) END)
            """
        values = [.integer(time.microseconds)] + asked
    }
}
