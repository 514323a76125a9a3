import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel

/// What a ledger in memory says of requests for approval.
struct MemoryTrail: ApprovalTrail {
    let ledger: MemoryLedger
    var fails = false

    func records(
        of requests: Set<ApprovalID>, from start: UInt64
    ) async throws(StoreFailure) -> [ApprovalTrace] {
        if fails { throw StoreFailure(reason: "disk") }
        return ledger.drafts.enumerated().dropFirst(Int(start)).compactMap { index, draft in
            guard let id = draft.fields["appr"]?.string.flatMap({ ApprovalID($0) }),
                requests.contains(id)
            else { return nil }
            return ApprovalTrace(index: UInt64(index), request: id, type: draft.type)
        }
    }
}
