import InterlockGateway
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization

/// A ledger that keeps drafts in memory, and can be told to refuse.
final class MemoryLedger: Ledger {
    private struct State {
        var drafts: [RecordDraft] = []
        var refusal: LedgerRefusal?
        var refusedType: RecordType?
    }
    private let state = Mutex(State())

    var drafts: [RecordDraft] { state.withLock { $0.drafts } }
    func drafts(of type: RecordType) -> [RecordDraft] { drafts.filter { $0.type == type } }

    /// Refuses records of one type, or all, until told otherwise.
    func refuse(_ refusal: LedgerRefusal?, type: RecordType? = nil) {
        state.withLock {
            $0.refusal = refusal
            $0.refusedType = type
        }
    }

    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt {
        let refusal = state.withLock { state -> LedgerRefusal? in
            if let refusal = state.refusal, state.refusedType.map({ $0 == record.type }) ?? true {
                return refusal
            }
            state.drafts.append(record)
            return nil
        }
        if let refusal { throw refusal }
        let index = UInt64(drafts.count - 1)
        return Receipt(index: index, leafHash: Digest(words: (index, 1, 2, 3)))
    }

    func note(_ record: RecordDraft) { state.withLock { $0.drafts.append(record) } }
    func knows(run: RunID) -> Bool { false }

    var status: LedgerStatus {
        LedgerStatus(
            size: UInt64(drafts.count), root: Digest(words: (0, 0, 0, 0)), openIntents: 0,
            refusing: state.withLock { $0.refusal?.code })
    }
}
