import InterlockAdministration
import InterlockApprovals
import InterlockCommandLine
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore

/// Reads the log's records about approval requests, at start and on its own thread. Only records of approvals are
/// parsed.
struct LedgerApprovalReader: ApprovalLogReader {
    let reader: LedgerReader

    /// The types of records that can follow a request.
    private static let types: [RecordType] = [
        .approvalGranted, .approvalDenied, .approvalExpired, .approvalWithdrawn, .approvalVoid,
        .approvalReissued, .approvalUsed, .approvalProbe,
    ]

    func records(
        of requests: Set<ApprovalID>, from start: UInt64
    ) async throws(StoreFailure) -> [ApprovalTrace] {
        let reader = reader
        return try await JobThread.reading("approval-trail") { () throws(LedgerFailure) in
            var traces: [ApprovalTrace] = []
            func take(_ index: UInt64, _ record: StoredRecord) -> Bool {
                guard let type = RecordType(rawValue: record.type),
                    let id = record.text("appr").flatMap({ ApprovalID($0) }), requests.contains(id)
                else { return true }
                traces.append(ApprovalTrace(index: index, request: id, type: type))
                return true
            }
            do throws(LedgerFailure) {
                try reader.scan(of: Self.types, from: start, take)
            } catch  where error.code == .missing {
                // The records at `start` were pruned: reads all that are left.
                traces = []
                try reader.scan(of: Self.types, take)
            }
            return traces
        }
    }
}

extension LedgerApprovalReader: BreakGlassLogReader {
    func breakGlass() async throws(StoreFailure) -> [(index: UInt64, leaf: JSONValue)] {
        try await LogLeaves(reader: reader, thread: "break-glass-trail").numbered(
            of: [.approvalBreakGlass, .approvalReviewed, .approvalGranted],
            after: .approvalBreakGlass)
    }
}

extension LedgerApprovalReader: ApprovalHistoryReader {
    func history(since: Timestamp) async throws(StoreFailure) -> ApprovalHistory {
        let types = RecordType.allCases.filter { ApprovalHistory.types.contains($0.rawValue) }
        var history = ApprovalHistory()
        for leaf in try await LogLeaves(reader: reader, thread: "approval-history").leaves(
            of: types)
        {
            history.replay(leaf)
        }
        history.forget(before: since)
        return history
    }
}
