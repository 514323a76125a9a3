import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// The log of a drill's sub-organisation. It counts records and stores none; the drill's result is recorded in the real
/// log.
final class DrillLedger: Ledger, DrillLogReader {
    private struct State {
        var records = DrillRecords()
        var size: UInt64 = 0
    }
    private let state = Mutex(State())
    private let zero = Digest(words: (0, 0, 0, 0))

    func records() -> DrillRecords { state.withLock { $0.records } }

    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt {
        note(record)
        // Every intent needs a distinct hash, because the records that end calls name it.
        let number = state.withLock { $0.size }
        return Receipt(index: number, leafHash: Digest(words: (number, 1, 2, 3)))
    }

    @discardableResult
    func note(_ record: RecordDraft) -> Digest? {
        state.withLock { state in
            state.size += 1
            state.records.add(
                record.type, alarm: record.fields["code"]?.string,
                endsIntent: record.fields["intent"] != nil)
        }
        return nil
    }

    func knows(run: RunID) -> Bool { true }
    func hasEnded(run: RunID) -> Bool { false }
    func takeOpenRuns() -> [RunID: RunExpiry] { [:] }
    var uncheckedCalls: [Digest: UncheckedCall] { [:] }
    var status: LedgerStatus {
        LedgerStatus(size: state.withLock { $0.size }, root: zero, openIntents: 0, refusing: nil)
    }
}
