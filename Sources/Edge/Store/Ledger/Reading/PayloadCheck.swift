import InterlockJSON
import InterlockLedger
import InterlockModel

/// Whether the stored blob of every commitment is there and unchanged, or was erased as the log says.
/// Blobs are not opened: what is in them is between `c` and whoever has the key.
struct PayloadCheck {
    private(set) var found = 0
    private(set) var erased = 0
    private let reader: LedgerReader
    private var missing: [Owner: Missing] = [:]
    private var erasedOwners: Set<Owner> = []

    /// Whose erasure explains that a blob is gone.
    private enum Owner: Hashable {
        case run(RunID)
        /// The day on which the run began, or of a record of no run.
        case bucket(String)
    }

    private struct Missing {
        var count: Int
        let bucket: Owner
        let fault: String
    }

    init(_ reader: LedgerReader) { self.reader = reader }

    /// - Parameter frame: the blobs that came with the record, if it was read from a frame.
    /// - Returns: what is wrong at once; that a blob is missing may be explained later.
    mutating func take(
        _ record: StoredRecord, index: UInt64, frame: [Digest: ArraySlice<UInt8>]
    ) throws(LedgerFailure) -> [String] {
        if record.type == RecordType.payloadErased.rawValue { noteErasure(record) }
        var faults: [String] = []
        for (field, commitment) in record.commitments {
            guard let stored = commitment.stored else { continue }
            let blob =
                if let slice = frame[stored] { Array(slice) } else { try reader.blob(stored) }
            if let blob, reader.hashing.sha256(blob) == stored {
                found += 1
            } else if blob != nil {
                faults.append("record \(index): the payload `\(field)` was changed")
            } else {
                noteMissing(record, index, field)
            }
        }
        return faults
    }

    /// - Returns: what is missing without an erasure on record.
    mutating func finish() -> [String] {
        var faults: [String] = []
        for (owner, missing) in missing {
            if erasedOwners.contains(owner) || erasedOwners.contains(missing.bucket) {
                erased += missing.count
            } else {
                faults.append(
                    missing.count == 1
                        ? missing.fault : "\(missing.fault), and \(missing.count - 1) more")
            }
        }
        missing = [:]
        return faults.sorted()
    }

    private mutating func noteErasure(_ record: StoredRecord) {
        if let bucket = record.text("bucket") { erasedOwners.insert(.bucket(bucket)) }
        for run in record["runs"]?.array ?? [] {
            if let run = run.string.flatMap({ RunID($0) }) { erasedOwners.insert(.run(run)) }
        }
    }

    private mutating func noteMissing(_ record: StoredRecord, _ index: UInt64, _ field: String) {
        let run = record.text("run").flatMap { RunID($0) }
        let written = Timestamp(microseconds: record["ts"]?.integer ?? 0).seconds
        let day = run?.day ?? CivilDate(daysSince1970: written / 86_400)
        let bucket = Owner.bucket(day.text)
        missing[
            run.map { .run($0) } ?? bucket,
            default: Missing(
                count: 0, bucket: bucket,
                fault: "record \(index): the payload `\(field)` is missing")
        ].count += 1
    }
}
