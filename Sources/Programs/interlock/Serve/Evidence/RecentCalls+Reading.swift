import InterlockAdministration
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockStore

extension RecentCalls {
    /// The most records that are read: what 10 s suffice for. Of more, the newest count.
    static let mostRecords: UInt64 = 1_500_000

    /// Counts the calls of the hour before `end`.
    init(reading reader: LedgerReader, before end: Timestamp) throws(LedgerFailure) {
        self.init(before: end)
        var recent = self
        let first = try reader.first(since: end - RecentCalls.length)
        let size = try reader.size()
        let start = max(first, size > Self.mostRecords ? size - Self.mostRecords : 0)
        guard start < size else { return }
        try reader.scan(from: start) { entry in
            guard let record = entry.record else { return true }
            recent.add(record)
            return record.time.map { $0 < end } ?? true
        }
        self = recent
    }
}
