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
