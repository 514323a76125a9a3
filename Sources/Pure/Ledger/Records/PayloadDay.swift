import InterlockJSON
package import InterlockModel

extension StoredRecord {
    /// The day among whose packs its payloads are kept; nil for a record without a time.
    package var payloadDay: CivilDate? {
        time.map { PayloadDay.of(text("run").flatMap { RunID($0) }, recordedAt: $0) }
    }
}

/// The day among whose packs a record's payloads are kept, and with whose bucket they are erased: that
/// on which the run started, which its id tells; outside a run, that of the record.
package enum PayloadDay {
    package static func of(_ run: RunID?, recordedAt moment: Timestamp) -> CivilDate {
        run?.day ?? moment.day
    }

    /// The day of a stored record; nil when it is no record. Looks for the run alone, since this is done
    /// for each record whose payloads are moved.
    package static func of(stored record: ArraySlice<UInt8>) -> CivilDate? {
        if let run = run(in: record) { return of(run, recordedAt: Timestamp(microseconds: 0)) }
        guard let record = try? StoredRecord(parsing: record), let moment = record["ts"]?.integer
        else { return nil }
        return of(nil, recordedAt: Timestamp(microseconds: moment))
    }

    /// A quote within a text is escaped, so these bytes are a name and the beginning of its value.
    private static let name = Array("\"run\":\"".utf8)

    /// From the end: the name sorts behind most.
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
