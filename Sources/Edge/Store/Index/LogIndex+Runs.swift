package import InterlockGateway
import InterlockLedger
package import InterlockModel

extension LogIndex {
    /// How much was called in each of these runs, of which the index has records.
    package func tally(of runs: [RunID]) throws(IndexFailure) -> [RunID: RunTally] {
        guard !runs.isEmpty else { return [:] }
        var tallies: [RunID: RunTally] = [:]
        let named = Dictionary(runs.map { ($0.packed, $0) }) { first, _ in first }
        do throws(DatabaseError) {
            let types = try [RecordType.callIntent, .callDenied, .runEnd].map {
                type throws(DatabaseError) in try number(known: type.rawValue)
            }
            let places = runs.map { _ in "?" }.joined(separator: ",")
            let newest = parts.newestFirst.first
            for part in parts.newestFirst {
                let counts =
                    part == newest
                    ? """
                    SELECT run, type, intent IS NULL, count(*) FROM \(IndexSchema.name(ofPart: part))
                    WHERE run IN (\(places)) GROUP BY 1, 2, 3
                    """
                    : """
                    SELECT run, type, first, count FROM \(IndexSchema.name(ofTally: part))
                    WHERE run IN (\(places))
                    """
                for row in try database.run(counts, runs.map { .blob($0.packed) }) {
                    guard let run = row[0].blob.flatMap({ named[$0] }),
                        let count = row[3].integer
                    else { continue }
                    tallies[run, default: RunTally()].add(
                        Int(clamping: count), types.firstIndex { $0 == row[1].integer },
                        isFirst: row[2].integer == 1)
                }
            }
        } catch {
            throw IndexFailure("the index cannot be searched: \(error.reason)")
        }
        return tallies
    }

    /// Where the records of a run stand in it, by the number that each has there.
    package func span(of run: RunID) throws(IndexFailure) -> Range<Int64>? {
        try rows(of: run, "min(rs), max(rs)", "", []).reduce(nil) { span, row in
            guard let first = row[0].integer, let last = row[1].integer, last < .max else {
                return span
            }
            return min(span?.lowerBound ?? first, first)..<max(span?.upperBound ?? 0, last + 1)
        }
    }

    /// The records of a run that have these numbers there, oldest first.
    package func records(
        of run: RunID, in places: Range<Int64>
    ) throws(IndexFailure) -> [IndexHit] {
        try rows(
            of: run, "idx, hash", "AND rs >= ? AND rs < ? ORDER BY rs",
            [.integer(places.lowerBound), .integer(places.upperBound)]
        ).compactMap(IndexHit.init)
    }

    /// Of each part, the oldest part first.
    private func rows(
        of run: RunID, _ columns: String, _ rest: String, _ values: [Database.Value]
    ) throws(IndexFailure) -> [[Database.Value]] {
        do throws(DatabaseError) {
            var rows: [[Database.Value]] = []
            for part in parts.newestFirst.reversed() {
                rows += try database.run(
                    "SELECT \(columns) FROM \(IndexSchema.name(ofPart: part)) WHERE run = ? \(rest)",
                    [.blob(run.packed)] + values)
            }
            return rows
        } catch {
            throw IndexFailure("the index cannot be searched: \(error.reason)")
        }
    }
}

extension RunTally {
    /// - Parameters:
    ///   - type: an intent, a refusal or the run's end.
    ///   - isFirst: whether the record is a call's first, and closes no intent.
    fileprivate mutating func add(_ count: Int, _ type: Int?, isFirst: Bool) {
        switch type {
        case 0: calls += count
        case 1:
            denials += count
            if isFirst { calls += count }
        case 2: isEnded = true
        default: break
        }
    }
}
