import InterlockLedger
import InterlockModel

/// Writes one `index.digest` record for each completed day that has records.
struct DayDigests {
    /// The last day that has a digest or needs none.
    private var last: Int64?
    private var lastLook: Timestamp?

    /// Records of a day may become durable shortly after its end.
    private static let slack: Duration = .seconds(60)
    private static let interval: Duration = .seconds(60)
    /// The most days for which digests are written after a pause.
    private static let longestPause: Int64 = 400

    /// - Precondition: the index holds every durable record.
    mutating func write(_ index: LogIndex, _ setup: IndexMaintainer.Setup, now: Timestamp) throws {
        if let lastLook, now - lastLook < Self.interval, now >= lastLook { return }
        lastLook = now
        let yesterday = (now - Self.slack).day.daysSince1970 - 1
        guard let since = try last ?? written(index, setup), since < yesterday else { return }
        for day in max(since + 1, yesterday - Self.longestPause)...yesterday {
            let date = CivilDate(daysSince1970: day)
            if let digest = try index.digest(of: date, size: index.size) {
                setup.note(RecordDraft(.indexDigest, run: nil, fields: digest.fields))
            }
            last = day
        }
    }

    /// Returns the day of the newest `index.digest` record. Without one, returns the day before the log's first, or in
    /// a pruned log that first day, since a part of it may be gone. Returns nil if the log has no records.
    private func written(_ index: LogIndex, _ setup: IndexMaintainer.Setup) throws -> Int64? {
        let first = try setup.reader.first()
        if let hit = try index.digestRecords().last, hit.index >= first,
            let record = try setup.reader.entry(at: hit.index)?.record,
            let digest = DayDigest(record)
        {
            return digest.day.daysSince1970
        }
        return try index.firstDay().map { $0.daysSince1970 - (first == 0 ? 1 : 0) }
    }
}
