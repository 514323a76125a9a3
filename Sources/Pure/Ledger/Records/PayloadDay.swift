import InterlockJSON
package import InterlockModel

extension StoredRecord {
    /// The day in whose packs the payloads of the record are stored, or nil for a record without a time.
    package var payloadDay: CivilDate? {
        time.map { PayloadDay.of(text("run").flatMap { RunID($0) }, recordedAt: $0) }
    }
}

/// The day in whose packs a record's payloads are stored and with whose bucket they are erased. It is the start day of
/// the run, which its id contains; outside a run, it is the day of the record.
package enum PayloadDay {
    package static func of(_ run: RunID?, recordedAt moment: Timestamp) -> CivilDate {
        run?.day ?? moment.day
    }

    /// Returns the day of a stored record, or nil if it is not a record. It searches only for the run, because it is
    /// called for each record whose payloads are moved.
    package static func of(stored record: ArraySlice<UInt8>) -> CivilDate? {
        if let run = run(in: record) { return of(run, recordedAt: Timestamp(microseconds: 0)) }
        guard let record = try? StoredRecord(parsing: record), let moment = record["ts"]?.integer
        else { return nil }
        return of(nil, recordedAt: Timestamp(microseconds: moment))
    }

    /// A quote within a string is escaped, so these bytes can only be the member's name and the start of its value.
    private static let name = Array("\"run\":\"".utf8)

    /// Searches from the end, because the name sorts after most others.
    private static func run(in record: ArraySlice<UInt8>) -> RunID? {
        let bytes = record.span
        let name = name.span
        var start = bytes.count - name.count - RunID.length
        while start >= 0 {
            var same = 0
            while same < name.count, bytes[start + same] == name[same] { same += 1 }
            if same == name.count {
                let value = record.startIndex + start + same
                return RunID(
                    String(decoding: record[value..<value + RunID.length], as: UTF8.self))
            }
            start -= 1
        }
        return nil
    }
}
