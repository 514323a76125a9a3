import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// The log of a drill's sub-organisation. It counts records and stores none; the drill's result is recorded in the real
/// log.
final class DrillLedger: Ledger {
    private struct State {
        var intents: Int64 = 0
        var outcomes: Int64 = 0
        var size: UInt64 = 0
        var alarms: Set<String> = []
    }
    private let state = Mutex(State())
    private let zero = Digest(words: (0, 0, 0, 0))

    var intents: Int64 { state.withLock { $0.intents } }
    var outcomes: Int64 { state.withLock { $0.outcomes } }
    func hasAlarm(_ code: String) -> Bool { state.withLock { $0.alarms.contains(code) } }

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
            switch record.type {
            case .callIntent: state.intents += 1
            case .callOutcome, .callUnknown: state.outcomes += 1
            case .callDenied where record.fields["intent"] != nil: state.outcomes += 1
            case .alarmRaised: _ = record.fields["code"]?.string.map { state.alarms.insert($0) }
            default: break
            }
        }
        return nil
    }

    func knows(run: RunID) -> Bool { true }
    func hasEnded(run: RunID) -> Bool { false }
    func takeOpenRuns() -> [RunID: RunExpiry] { [:] }
    var status: LedgerStatus {
        LedgerStatus(size: state.withLock { $0.size }, root: zero, openIntents: 0, refusing: nil)
    }
}
