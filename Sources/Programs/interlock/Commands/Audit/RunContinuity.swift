import InterlockJSON
import InterlockLedger
import InterlockModel

/// What can be seen of run chains in records that are about to be shown: an index that hides a record
/// leaves a hole.
enum RunContinuity {
    /// - Parameters:
    ///   - isWhole: whether all records of each run were asked for, so that a hole is an omission.
    ///   - isFromStart: whether they begin with the first of each run.
    /// - Returns: one sentence for each fault.
    static func faults(
        in records: [ProvedRecord], isWhole: Bool, isFromStart: Bool = true
    ) -> [String] {
        var last: [String: (sequence: Int64, hash: Digest)] = [:]
        var faults: [String] = []
        for shown in records {
            guard let run = shown.record.text("run"),
                let sequence = shown.record["rs"]?.integer
            else { continue }
            let before = last[run]
            last[run] = (sequence, shown.hash)
            let (next, _) = (before?.sequence ?? -1).addingReportingOverflow(1)
            if sequence == next, let before {
                if shown.record.digest("prev") != before.hash {
                    faults.append(
                        "record \(shown.index) does not name the record before it in run `\(run)`")
                }
            } else if isWhole, isFromStart || before != nil, sequence != next {
                faults.append(
                    "run `\(run)` has a hole before record \(shown.index): \(next) to \(sequence - 1)"
                )
            }
        }
        return faults
    }
}
