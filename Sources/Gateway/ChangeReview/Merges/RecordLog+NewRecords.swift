import InterlockEvidence
import InterlockLedger

extension RecordLog {
    /// Returns the matching records from the index `next` on, the oldest first.
    ///
    /// - Parameters:
    ///   - most: the largest number of records, compared after each page.
    ///   - name: the records in a message, in the plural.
    /// - Throws: `notRead` also if one of them is not found or not proved: it may state an open change, or list what an
    ///   agent wrote.
    func newRecords(
        _ filter: RecordFilter, from next: UInt64, most: Int, _ name: String
    ) async throws(MergeCheckRefusal) -> [VerifiedRecord] {
        var (records, before): ([VerifiedRecord], UInt64?) = ([], nil)
        while true {
            let page: RecordFinding
            do throws(EvidenceRefusal) {
                page = try await search(filter, before: before, limit: 200)
            } catch { throw MergeCheckRefusal(error) }
            if let shortcoming = page.shortcoming { throw .notRead(shortcoming) }
            for row in page.rows {
                guard case .proved(let record) = row else {
                    throw .notRead("record \(row.index) of the index has no proof")
                }
                guard record.index >= next else { return records.reversed() }
                records.append(record)
            }
            guard records.count <= most else { throw .notRead("more than \(most) \(name)") }
            guard let older = page.next, older > next else { return records.reversed() }
            before = older
        }
    }
}
