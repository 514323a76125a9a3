import InterlockCommandLine
import InterlockEvidence
import InterlockLedger
import InterlockLogReading
import InterlockTrustCommands

extension Command {
    static let trustStatus = showTrust(options: Option.logSource) { invocation in
        try TrustRecords(invocation, usesCache: true).reports
    }

    static let trustExplain = explainTrust(options: Option.logSource) { invocation in
        // It names records, so none of it is taken from a cache.
        let records = try TrustRecords(invocation, usesCache: false)
        for report in records.reports {
            try AuditExport.record(
                kind: .show, count: report.namedRecords, query: invocation.query,
                from: records.log)
        }
        return records.reports
    }

    static let trustClassify = classifyDenial(options: Option.logSource) { text, invocation in
        switch try RecordName(argument: text) {
        case .index(let place): return place
        case .hash(let hash):
            var search = try RecordSearch.telling(AuditLog(invocation))
            if let found = try search.named(.hash(hash)).first { return found.index }
        case .call, .approval, .id: break
        }
        throw Failure(.notFound, "no denial is named `\(text)`", help: "an index or a leaf hash")
    }
}
