import InterlockJSON
import InterlockLedger
package import InterlockModel
package import InterlockPorts

extension LogIndex {
    /// More than any part can count. A larger value was not written by this code; it is clamped so that sums do not
    /// overflow.
    private static let mostCalls: Int64 = 1 << 40

    /// Counts the indexed calls and refusals of each of these runs, and notes its end. Runs without records are
    /// omitted.
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

    /// Returns the range of the numbers that records have within a run, or nil if the index has no record of it.
    package func span(of run: RunID) throws(IndexFailure) -> Range<Int64>? {
        func outermost(_ order: String) -> (Part) -> String {
            {
                "SELECT rs FROM \($0.name) WHERE run = ? AND idx < ? AND rs IS NOT NULL "
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

    /// Returns the records of a run whose numbers are in the range, oldest first, and no more than the range has
    /// numbers.
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

    /// A part, as searched for the records of one run.
    private struct Part {
        let name: String
        /// The column that orders the records of a run: `rs`, their number in the run, which full parts index. The
        /// newest part has no indices; the order of the log gives the same result there without a sort.
        let place: String
    }

    private var oldestFirst: [Part] {
        let all = parts.newestFirst
        return all.reversed().filter { $0 < size }.map {
            Part(name: IndexSchema.name(ofPart: $0), place: $0 == all.first ? "idx" : "rs")
        }
    }

    /// Reads one part after the other until `most` rows are found. Rows that were added after this index was opened are
    /// left out.
    private func rows(
        of run: RunID, in parts: [Part], _ text: (Part) -> String, _ values: [Database.Value] = [],
        most: Int
    ) throws(IndexFailure) -> [[Database.Value]] {
        let end = Database.Value.integer(Int64(clamping: size))
        return try searching { () throws(DatabaseError) in
            var rows: [[Database.Value]] = []
            for part in parts {
                guard rows.count < most else { break }
                rows += try database.run(text(part), [.blob(run.packed), end] + values)
            }
            return rows
        }
    }
}

extension RunTally {
    /// - Parameters:
    ///   - type: the position among intent, refusal and end of a run, or nil for any other type.
    ///   - isFirst: true if the record refers to no intent, so it is the call's first.
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
