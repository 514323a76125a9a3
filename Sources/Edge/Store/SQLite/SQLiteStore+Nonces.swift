package import InterlockModel
package import InterlockPorts

/// Consumed nonces. Those that ended more than a day ago are deleted once an hour. The time up to which they are deleted
/// is a row of the table: a nonce that ended before it counts as consumed, also if the clock is set back.
extension SQLiteStore {
    /// The key of the row; no nonce has this form.
    private static let prunedKey = "pruned until"
    private static let keptAfterEnd = Duration.seconds(86_400)
    private static let pruneEvery = Duration.seconds(3600)

    package func consume(nonce: String, expires: Timestamp) async throws(StoreFailure) -> Bool {
        let bound = stamp.clock.wall - Self.keptAfterEnd
        return try await perform { database throws(DatabaseError) in
            try database.transaction { () throws(DatabaseError) in
                let pruned = try database.run(
                    "SELECT expires FROM nonce WHERE nonce = ?", .text(Self.prunedKey)
                ).first?.first?.integer.map { Timestamp(microseconds: $0) }
                if let pruned, expires <= pruned { return false }
                try database.run(
                    "INSERT INTO nonce (nonce, expires) VALUES (?, ?) ON CONFLICT (nonce) DO NOTHING",
                    .text(nonce), .integer(expires.microseconds))
                guard database.changes == 1 else { return false }
                if pruned.map({ bound - $0 >= Self.pruneEvery }) ?? true {
                    try Self.prune(database, until: bound)
                }
                return true
            }
        }
    }

    private static func prune(
        _ database: Database, until bound: Timestamp
    ) throws(DatabaseError) {
        try database.run("DELETE FROM nonce WHERE expires <= ?", .integer(bound.microseconds))
        try database.run(
            """
            INSERT INTO nonce (nonce, expires) VALUES (?, ?)
            ON CONFLICT (nonce) DO UPDATE SET expires = excluded.expires
            """, .text(prunedKey), .integer(bound.microseconds))
    }
}
