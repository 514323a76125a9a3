import InterlockLedger
import InterlockModel

/// Writes `index.digest` for each day that is over, once.
struct DayDigests {
    /// The last day that has one, or needs none.
    private var last: Int64?
    private var lastLook: Timestamp?

    /// Records of a day may be durable a little after its end.
    private static let slack: Duration = .seconds(60)
    private static let interval: Duration = .seconds(60)
    /// Days that are made up for after a pause.
    private static let longestPause: Int64 = 400

    /// - Precondition: the index has what is durable.
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

    /// The day of the newest record `index.digest`, else the one before the log's first; in a pruned log
    /// that first day, of which a part may be gone. nil for a log without records.
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
