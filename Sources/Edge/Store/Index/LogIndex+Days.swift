package import InterlockLedger
package import InterlockModel

extension LogIndex {
    /// Returns the digest of the index rows of one day among the first `size` records, or nil if the day has no rows.
    package func digest(of day: CivilDate, size: UInt64) throws(IndexFailure) -> DayDigest? {
        let bounds: [Database.Value] = [
            .integer(day.start.microseconds), .integer(day.end.microseconds),
            .integer(Int64(clamping: size)),
        ]
        return try searching { () throws(DatabaseError) -> DayDigest? in
            let rows = try database.run(
                """
                SELECT t.text, coalesce(d.text, ''), count(*) FROM entry AS e
                JOIN word AS t ON t.id = e.type LEFT JOIN word AS d ON d.id = e.dec
                WHERE e.ts >= ? AND e.ts < ? AND e.idx < ? GROUP BY 1, 2 ORDER BY 1, 2
                """, bounds)
            let counts = rows.compactMap { row -> DayDigest.Count? in
                guard let type = row[0].text, let decision = row[1].text,
                    let count = row[2].integer
                else { return nil }
                return DayDigest.Count(type: type, decision: decision, count: count)
            }
            guard !counts.isEmpty else { return nil }
            let hashes = try tree.hashing.sha256 { take throws(DatabaseError) in
                try database.forEach(
                    "SELECT hash FROM entry WHERE ts >= ? AND ts < ? AND idx < ? ORDER BY hash",
                    bounds
                ) { row in
                    let hash = row[0].blob ?? []
                    take(hash.span)
                    return true
                }
            }
            return DayDigest(day: day, size: size, counts: counts, hashes: hashes)
        }
    }

    /// The `index.digest` records, oldest first.
    package func digestRecords() throws(IndexFailure) -> [IndexHit] {
        var filter = RecordFilter()
        filter.type = RecordType.indexDigest.rawValue
        return try search(filter, limit: Self.maximumDigests).reversed()
    }

    /// Returns true if some of the day's records may have been pruned before this index was built.
    package func isCutShort(_ day: CivilDate) throws(IndexFailure) -> Bool {
        guard base.size > 0, let first = try firstDay() else { return false }
        return day <= first
    }

    /// Returns the day of the oldest readable record.
    package func firstDay() throws(IndexFailure) -> CivilDate? {
        try searching { () throws(DatabaseError) in
            return try firstTime().map { Timestamp(microseconds: $0).day }
        }
    }

    /// The most `index.digest` records that are read: more than one a day for a thousand years.
    private static let maximumDigests = 366_000
}
