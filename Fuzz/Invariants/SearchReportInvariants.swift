import InterlockJSON
import InterlockLedger

extension Invariants {
    /// A report of searches that was read is within its bounds, and is read again as it is written.
    package static func searchReport(_ bytes: [UInt8]) {
        guard let report = SearchReport(parsing: bytes) else { return }
        for found in [report.findings, report.arguments, report.notices] {
            precondition(found.listed.count <= ReportedFindings.most, "few findings are listed")
            precondition(found.more >= 0, "each listed finding is counted")
        }
        precondition(report.sources.count <= SearchReport.most, "few sources are listed")
        precondition(report.labels.count <= SearchReport.most, "few labels are listed")
        precondition(report.labelled >= Int64(report.labels.count), "each label is counted")
        let passage = report.mark?.passage?.utf8.count ?? 0
        precondition(passage <= SearchReport.longestPassage, "a passage is short")
        let again = report.json.serialized()
        guard again.count <= SearchReport.longestBytes else { return }
        precondition(SearchReport(parsing: again) == report, "a report is read as it is written")
    }
}
