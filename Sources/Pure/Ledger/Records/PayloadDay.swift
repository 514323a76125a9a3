import InterlockJSON
package import InterlockModel

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

    private static func run(in record: ArraySlice<UInt8>) -> RunID? {
        let length = name.count + 26
        var place = record.startIndex
        while place + length < record.endIndex {
            if record[place] == name[0], record[place..<place + name.count].elementsEqual(name) {
                return RunID(
                    String(decoding: record[(place + name.count)..<place + length], as: UTF8.self))
            }
            place += 1
        }
        return nil
    }
}
