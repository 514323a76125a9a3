import InterlockLedger
package import InterlockModel

/// The number of an agent's records of one type and decision.
package struct ActivityCount: Sendable, Equatable {
    package let type: String
    /// Is nil for records without a decision.
    package let decision: String?
    package let count: Int

    package init(type: String, decision: String?, count: Int) {
        self.type = type
        self.decision = decision
        self.count = count
    }
}

extension LogIndex {
    /// More than any log has. A larger value was not written by this code; it is clamped so that sums do not overflow.
    private static let mostRecords: Int64 = 1 << 40

    /// Counts an agent's indexed records by type and decision, ordered by both.
    ///
    /// - Parameter time: earlier records are left out.
    package func activity(
        of agent: AgentName, since time: Timestamp
    ) throws(IndexFailure) -> [ActivityCount] {
        try searching { () throws(DatabaseError) in
            guard let agent = try number(known: agent.text) else { return [] }
            var counts: [Key: Int64] = [:]
            for part in parts.newestFirst where part < size {
                let rows = try database.run(
                    "SELECT type, dec, count(*) FROM \(IndexSchema.name(ofPart: part)) "
                        + "WHERE agent = ? AND ts >= ? AND idx < ? GROUP BY 1, 2",
                    bounds(agent, time))
                for row in rows {
                    guard let type = row[0].integer, let count = row[2].integer else { continue }
                    let key = Key(type: type, decision: row[1].integer)
                    counts[key, default: 0] += min(max(count, 0), Self.mostRecords)
                }
            }
            var found: [ActivityCount] = []
            for (key, count) in counts {
                guard let type = try word(key.type) else { continue }
                var decision: String?
                if let number = key.decision { decision = try word(number) }
                found.append(ActivityCount(type: type, decision: decision, count: Int(count)))
            }
            return found.sorted { ($0.type, $0.decision ?? "") < ($1.type, $1.decision ?? "") }
        }
    }

    /// Counts an agent's indexed refusals of calls that already had an intent.
    package func laterDenials(
        of agent: AgentName, since time: Timestamp
    ) throws(IndexFailure) -> Int {
        try searching { () throws(DatabaseError) in
            guard let agent = try number(known: agent.text),
                let type = try number(known: RecordType.callDenied.rawValue)
            else { return 0 }
            var sum: Int64 = 0
            for part in parts.newestFirst where part < size {
                let rows = try database.run(
                    "SELECT count(*) FROM \(IndexSchema.name(ofPart: part)) WHERE agent = ? "
                        + "AND ts >= ? AND idx < ? AND type = ? AND intent IS NOT NULL",
                    bounds(agent, time) + [.integer(type)])
                sum += min(max(rows.first?.first?.integer ?? 0, 0), Self.mostRecords)
            }
            return Int(sum)
        }
    }

    private struct Key: Hashable {
        let type: Int64
        let decision: Int64?
    }

    private func bounds(_ agent: Int64, _ time: Timestamp) -> [Database.Value] {
        [.integer(agent), .integer(time.microseconds), .integer(Int64(clamping: size))]
    }

    private func word(_ number: Int64) throws(DatabaseError) -> String? {
        try database.run("SELECT text FROM word WHERE id = ?", .integer(number)).first?.first?.text
    }
}
