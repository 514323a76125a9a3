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
            for part in parts.newestFirst {
                let rows = try database.run(
                    """
                    SELECT run, type, intent IS NULL, count(*) FROM \(IndexSchema.name(ofPart: part))
                    WHERE run IN (\(places)) GROUP BY run, type, intent IS NULL
                    """, runs.map { .blob($0.packed) })
                for row in rows {
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
