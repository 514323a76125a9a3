import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockModel

extension NodeEvidence: SearchReportLog {
    func report(of call: CallID, in run: RunID) async throws(EvidenceRefusal) -> SearchReport? {
        try await page { log in
            var search = try RecordSearch(log, Self.pageBounds)
            let records = try search.named(.call(call.text))
            let end = records.last {
                $0.record[SearchReport.field] != nil && $0.record.text("run") == run.text
            }
            guard let end else { return nil }
            return try log.report(of: end.record)
        }
    }
}

extension AuditLog {
    /// The report of the searches that a record commits to; nil if it has none, or it cannot be opened.
    func report(of record: StoredRecord) throws -> SearchReport? {
        guard record[SearchReport.field] != nil,
            case .opened(let bytes) = try payload(SearchReport.field, of: record).answer
        else { return nil }
        return SearchReport(parsing: bytes)
    }
}
