import InterlockAdministration
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts

/// The records about approval requests and break-glass uses of a ledger in memory.
struct MemoryTrail: ApprovalLogReader, BreakGlassLogReader {
    let ledger: MemoryLedger
    var fails = false
    /// The time of every leaf.
    var time = Timestamp(microseconds: 1_795_169_731_500_000)

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

    func breakGlass() async throws(StoreFailure) -> [(index: UInt64, leaf: JSONValue)] {
        if fails { throw StoreFailure(reason: "disk") }
        let types: Set<RecordType> = [.approvalBreakGlass, .approvalReviewed]
        return ledger.drafts.enumerated().filter { types.contains($0.element.type) }.map {
            index, draft in
            var leaf = draft.fields
            leaf["t"] = .string(draft.type.rawValue)
            leaf["ts"] = .integer(time.microseconds)
            return (UInt64(index), .object(leaf))
        }
    }
}
