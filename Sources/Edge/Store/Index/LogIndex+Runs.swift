import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts

extension LogIndex {
    /// No part has more; what says so is not what this wrote, and sums must not overflow.
    private static let mostCalls: Int64 = 1 << 40

    /// How much was called in each of these runs, of which the index has records.
    package func tally(of runs: [RunID]) throws(IndexFailure) -> [RunID: RunTally] {
        guard !runs.isEmpty else { return [:] }
        var tallies: [RunID: RunTally] = [:]
        let named = Dictionary(runs.map { ($0.packed, $0) }) { first, _ in first }
        do throws(DatabaseError) {
            let types = try [RecordType.callIntent, .callDenied, .runEnd].map {
                type throws(DatabaseError) in try number(known: type.rawValue)
            }
            let wanted = "run IN (\(runs.map { _ in "?" }.joined(separator: ",")))"
            let newest = parts.newestFirst.first
            for part in parts.newestFirst {
                let counts =
                    part == newest
                    ? IndexSchema.counted(inPart: part, where: wanted)
                    : "SELECT run, type, first, count FROM \(IndexSchema.name(ofTally: part)) WHERE \(wanted)"
                for row in try database.run(counts, runs.map { .blob($0.packed) }) {
                    guard let run = row[0].blob.flatMap({ named[$0] }),
                        let count = row[3].integer
                    else { continue }
                    tallies[run, default: RunTally()].add(
                        Int(min(max(count, 0), Self.mostCalls)),
                        types.firstIndex { $0 == row[1].integer },
                        isFirst: row[2].integer == 1)
                }
            }
        } catch {
            throw IndexFailure("the index cannot be searched: \(error.reason)")
        }
        return tallies
    }

    /// Where the records of a run stand in it, by the number that each has there; nil where there are none.
    package func span(of run: RunID) throws(IndexFailure) -> Range<Int64>? {
        func outermost(_ order: String) -> (Part) -> String {
            {
                "SELECT rs FROM \($0.name) WHERE run = ? AND idx < ? "
                    + "ORDER BY \($0.place) \(order) LIMIT 1"
            }
        }
        let parts = oldestFirst
        guard let first = try rows(of: run, in: parts, outermost("ASC"), most: 1).first,
            let last = try rows(of: run, in: parts.reversed(), outermost("DESC"), most: 1).first
        else { return nil }
        guard let first = first[0].integer, let last = last[0].integer,
            first >= 0, last >= first, last < JSONValue.largestInteger
        else { throw IndexFailure("a record of run `\(run.text)` has no place in it") }
        return first..<last + 1
    }

    /// The records of a run that have these numbers there, oldest first; at most as many as there are numbers.
    package func records(
        of run: RunID, in numbers: Range<Int64>
    ) throws(IndexFailure) -> [IndexHit] {
        let found = try rows(
            of: run, in: oldestFirst,
            {
                "SELECT idx, hash FROM \($0.name) WHERE run = ? AND idx < ? AND rs >= ? AND rs < ? "
                    + "ORDER BY \($0.place) LIMIT ?"
            },
            [
                .integer(numbers.lowerBound), .integer(numbers.upperBound),
                .integer(Int64(numbers.count)),
            ], most: numbers.count)
        return found.prefix(numbers.count).compactMap(IndexHit.init)
    }

    /// A part as the records of one run are looked for in it.
    private struct Part {
        let name: String
        /// The column by which these follow one another: their numbers where they are indexed. In the newest
        /// part nothing is, and the same order without sorting is that of the log.
        let place: String
    }

    private var oldestFirst: [Part] {
        let all = parts.newestFirst
        return all.reversed().filter { $0 < size }.map {
            Part(name: IndexSchema.name(ofPart: $0), place: $0 == all.first ? "idx" : "rs")
        }
    }

    /// Of one part after the other until there are enough, without what was indexed since this was opened.
    private func rows(
        of run: RunID, in parts: [Part], _ text: (Part) -> String, _ values: [Database.Value] = [],
        most: Int
    ) throws(IndexFailure) -> [[Database.Value]] {
        let end = Database.Value.integer(Int64(clamping: size))
        do throws(DatabaseError) {
            var rows: [[Database.Value]] = []
            for part in parts {
                guard rows.count < most else { break }
                rows += try database.run(text(part), [.blob(run.packed), end] + values)
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
