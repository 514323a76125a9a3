import InterlockJSON
import InterlockLedger
import InterlockModel

/// Checks that the stored blob of every commitment exists unchanged, or was erased according to the log. Blobs are not
/// decrypted, so `c` is not checked against their content.
struct PayloadCheck {
    private(set) var found = 0
    private(set) var erased = 0
    private let reader: LedgerReader
    /// Missing blobs without a recorded erasure so far: an erasure is recorded after the record that it affects.
    private var missing: [PayloadOwner: Missing] = [:]

    private struct Missing {
        var count: Int
        let fault: String
    }

    init(_ reader: LedgerReader) { self.reader = reader }

    /// - Parameter frame: the blobs in the record's frame, if it was read from a frame.
    /// - Returns: the faults found at once; a later record may still explain a missing blob.
    mutating func take(
        _ record: StoredRecord, index: UInt64, frame: [Digest: ArraySlice<UInt8>]
    ) throws(LedgerFailure) -> [String] {
        explain(by: record)
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

    /// - Returns: the missing blobs without a recorded erasure.
    mutating func finish() -> [String] {
        var faults: [String] = []
        for missing in missing.values {
            faults.append(
                missing.count == 1
                    ? missing.fault : "\(missing.fault), and \(missing.count - 1) more")
        }
        missing = [:]
        return faults.sorted()
    }

    private mutating func explain(by record: StoredRecord) {
        var erasure = Erasure()
        erasure.add(record)
        guard !erasure.isEmpty else { return }
        for (owner, found) in missing where erasure.covers(owner) {
            missing[owner] = nil
            erased += found.count
        }
    }

    private mutating func noteMissing(_ record: StoredRecord, _ index: UInt64, _ field: String) {
        let written = Timestamp(microseconds: record["ts"]?.integer ?? 0)
        let owner =
            record.text("run").flatMap { RunID($0) }.map { PayloadOwner.run($0) }
            ?? .day(PayloadDay.of(nil, recordedAt: written))
        let fault = "record \(index): the payload `\(field)` is missing"
        missing[owner, default: Missing(count: 0, fault: fault)].count += 1
    }
}
