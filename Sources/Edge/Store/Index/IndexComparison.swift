import InterlockLedger
import InterlockModel

/// A difference between an index and one that was rebuilt from the log.
package struct IndexDifference: Sendable, Equatable {
    package let index: UInt64
    /// The fault of the row: one sentence in lower case.
    package let detail: String
}

extension LogIndex {
    /// The number of differences after which the comparison stops.
    package static let maximumDifferences = 1000
    private static let chunk: UInt64 = 4096

    /// Compares row by row, over the records that both indexes cover and the log still has.
    /// - Parameter fresh: an index that was just built from the log.
    package func differences(from fresh: LogIndex) throws(IndexFailure) -> [IndexDifference] {
        var found: [IndexDifference] = []
        if origin != fresh.origin {
            found.append(IndexDifference(index: 0, detail: "it is the index of `\(origin)`"))
        }
        let end = min(size, fresh.size)
        var start = fresh.base.size
        do throws(DatabaseError) {
            let (ours, theirs) = (try wordsByNumber(), try fresh.wordsByNumber())
            while start < end, found.count < Self.maximumDifferences {
                let stop = min(start + Self.chunk, end)
                let here = try rows(start..<stop, ours)
                let there = try fresh.rows(start..<stop, theirs)
                for index in start..<stop where here[index] != there[index] {
                    found.append(Self.difference(here[index], there[index], index))
                }
                start = stop
            }
        } catch {
            throw IndexFailure("the index cannot be compared: \(error.reason)")
        }
        if size <= fresh.size, size > 0, found.isEmpty, let root = try fresh.root(at: size),
            root != self.root
        {
            found.append(IndexDifference(index: size, detail: "its root is not the log's"))
        }
        return found
    }

    private static func difference(
        _ ours: IndexRow?, _ theirs: IndexRow?, _ index: UInt64
    ) -> IndexDifference {
        guard let ours else { return IndexDifference(index: index, detail: "the row is missing") }
        guard let theirs else {
            return IndexDifference(index: index, detail: "the log has no such record")
        }
        let detail =
            ours.hash == theirs.hash
            ? "the row does not say what the record says" : "the row is of another record"
        return IndexDifference(index: index, detail: detail)
    }

    /// Returns the root over the first `size` leaf hashes: the pruned range, then the hashes in the rows.
    private func root(at size: UInt64) throws(IndexFailure) -> Digest? {
        var range = base
        do throws(DatabaseError) {
            try database.forEach(
                "SELECT idx, hash FROM entry WHERE idx < ? ORDER BY idx",
                [.integer(Int64(clamping: size))]
            ) { row in
                guard let hash = row[1].digest else { return false }
                range.append(hash, tree)
                return true
            }
        } catch {
            throw IndexFailure("the index cannot be compared: \(error.reason)")
        }
        return range.size == size ? range.root(tree) : nil
    }

    private func wordsByNumber() throws(DatabaseError) -> [Int64: String] {
        var words: [Int64: String] = [:]
        for row in try database.run("SELECT id, text FROM word") {
            if let id = row[0].integer, let text = row[1].text { words[id] = text }
        }
        return words
    }

    private func rows(
        _ range: Range<UInt64>, _ words: [Int64: String]
    ) throws(DatabaseError) -> [UInt64: IndexRow] {
        var rows: [UInt64: IndexRow] = [:]
        try database.forEach(
            "SELECT \(IndexSchema.columns) FROM entry WHERE idx >= ? AND idx < ?",
            [
                .integer(Int64(clamping: range.lowerBound)),
                .integer(Int64(clamping: range.upperBound)),
            ]
        ) { columns in
            if let row = IndexRow(columns, { words[$0] }) { rows[row.index] = row }
            return true
        }
        return rows
    }
}
