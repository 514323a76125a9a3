import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockModel

/// Checks the run chains of records before they are printed: a record that the index omits leaves a gap.
package enum RunContinuity {
    /// - Parameters:
    ///   - isWhole: whether all records of each run were requested, so that a gap is an omission.
    ///   - isFromStart: whether the records begin with the first of each run.
    /// - Returns: one sentence per fault.
    package static func faults(
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
