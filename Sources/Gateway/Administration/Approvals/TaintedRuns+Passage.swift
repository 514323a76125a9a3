package import InterlockApprovals
package import InterlockEvidence
package import InterlockGovernor
import InterlockLedger
package import InterlockModel

extension TaintedRuns {
    /// Returns the passage by which the run became hostile; nil if there is none, or it is not in memory.
    package func passage(of run: RunID) -> MarkedPassage? {
        guard let mark = taint(of: run)?.mark, let text = mark.passage else { return nil }
        return MarkedPassage(call: mark.call, text: text)
    }

    /// Returns the passage by which the run became hostile, if it is not in memory from the sealed report of that call;
    /// nil if there is none, or the report cannot be read now.
    package func passage(of run: RunID, from log: any SearchReportLog) async -> MarkedPassage? {
        if let passage = passage(of: run) { return passage }
        guard let mark = taint(of: run)?.mark,
            let report = try? await log.report(of: mark.call, in: run),
            let text = report.mark?.passage
        else { return nil }
        return MarkedPassage(call: mark.call, text: text)
    }
}
