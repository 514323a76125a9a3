import InterlockAlerts
import InterlockJSON
package import InterlockModel
package import InterlockPorts

extension SQLiteStore {
    /// Searches at most 10,000 rows. SQLite evaluates the filter on the bodies; only the rows of the page are decoded
    /// here.
    package func alarms(
        since time: Timestamp, _ filter: AlertFilter, of agents: Set<AgentName>?, from first: Int,
        most: Int
    ) async throws(StoreFailure) -> AlertSlice {
        let search = AlertSearch(since: time, filter, agents)
        let (counts, rows) = try await perform { database throws(DatabaseError) in
            (
                try database.run(
                    """
                    SELECT count(*), count(*) FILTER (WHERE json_valid(body)),
                    count(*) FILTER (WHERE \(search.fits)) FROM \(AlertSearch.newest)
                    """, search.values
                ).first?.compactMap(\.integer) ?? [],
                try database.run(
                    """
                    SELECT body FROM \(AlertSearch.newest) WHERE \(search.fits)
                    ORDER BY \(search.order) LIMIT ? OFFSET ?
                    """, search.values + [.integer(Int64(most)), .integer(Int64(first))])
            )
        }
        guard counts.count == 3 else { throw StoreFailure(reason: "alarms are not counted") }
        let (all, sound, count) = (counts[0], counts[1], counts[2])
        guard all == 0 || sound > 0 else {
            throw StoreFailure(reason: "none of \(all) alarms can be read")
        }
        let alarms = try Self.alarms(in: rows)
        return AlertSlice(
            alarms: alarms, count: Int(count),
            unread: Int(all) - Int(sound) + rows.count - alarms.count)
    }
}

/// A filter as an SQL condition. Requested values are bound, never written into the text.
private struct AlertSearch {
    /// The condition on a row of `newest`; a body that is not JSON does not match.
    let fits: String
    /// `?1` of `newest`, then the values of `fits`.
    let values: [Database.Value]
    /// The terms of `ORDER BY`, which has no requested value in its text.
    let order: String

    /// The rows that the filter is applied to.
    static let newest = """
        (SELECT id, at, disposed, body FROM alarm WHERE at >= ?1
        ORDER BY at DESC, id DESC LIMIT \(AlertFilter.mostRead))
        """

    init(since time: Timestamp, _ filter: AlertFilter, _ agents: Set<AgentName>?) {
        var conditions = ["1"]
        var asked: [Database.Value] = [.integer(time.microseconds)]
        func add(_ field: String, _ comparison: (_ value: String) -> String, _ value: String?) {
            guard let value else { return }
            asked.append(.text(value))
            conditions.append("body ->> '$.\(field)' " + comparison("?\(asked.count)"))
        }
        add("code", { "= \($0)" }, filter.code)
        add("agent", { "= \($0)" }, filter.agent?.text)
        add("severity", { "= \($0)" }, filter.severity?.rawValue)
        if let isDisposed = filter.isDisposed {
            conditions.append("disposed = \(isDisposed ? 1 : 0)")
        }
        if let agents {
            let names = JSONValue.array(agents.map { .string($0.text) }).serialized()
            add(
                "agent", { "IN (SELECT value FROM json_each(\($0)))" },
                String(decoding: names, as: UTF8.self))
        }
        fits = "CASE WHEN json_valid(body) THEN \(conditions.joined(separator: " AND ")) END"
        values = asked
        order = Self.terms(filter.order)
    }

    private static func terms(_ order: AlertFilter.Sorting?) -> String {
        let newest = "at DESC, id DESC"
        guard let order else { return newest }
        let value =
            switch order.column {
            case .at: "at"
            case .code: "body ->> '$.code'"
            case .severity: "CASE body ->> '$.severity' \(severities) ELSE 0 END"
            case .agent: "body ->> '$.agent'"
            case .disposed: "disposed"
            }
        return "\(value) \(order.isDescending ? "DESC" : "ASC") NULLS LAST, \(newest)"
    }

    /// The rank of each severity, which begins with that of an alert without one.
    private static let severities = AlertSeverity.allCases.enumerated()
        .map { "WHEN '\($0.element.rawValue)' THEN \($0.offset)" }.joined(separator: " ")
}
