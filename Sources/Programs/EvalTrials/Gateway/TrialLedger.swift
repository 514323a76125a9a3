import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// The log of one trial, in memory. The trace of the trial is read from it.
///
/// INVARIANT: a record that is not kept permits nothing: above `mostRecords` each append is refused. Kept by
/// `TrialLedgerTests`.
final class TrialLedger: Ledger {
    /// Enough for `EvalLimits.calls` calls with their approvals, and for many refused ones.
    static let mostRecords = 20_000

    private struct State {
        var drafts: [RecordDraft] = []
        var runs: Set<RunID> = []
        var calls = OpenCalls()
        var isFull = false

        /// Returns the index of the record, or nil if there is no room.
        mutating func keep(_ record: RecordDraft, most: Int) -> Int? {
            guard drafts.count < most else {
                isFull = true
                return nil
            }
            let index = drafts.count
            if let role = try? RecordRole(record) {
                calls.apply(
                    RecordEffect(record, role, hash: TrialLedger.hash(of: index)),
                    at: Timestamp(microseconds: 0))
            }
            if let run = record.run?.run { runs.insert(run) }
            drafts.append(record)
            return index
        }
    }
    private let state = Mutex(State())
    private let most: Int

    init(most: Int = mostRecords) { self.most = most }

    /// The records, in the order of their appends.
    var drafts: [RecordDraft] { state.withLock { $0.drafts } }

    /// True if a record was refused.
    var isFull: Bool { state.withLock { $0.isFull } }

    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt {
        let index = state.withLock { $0.keep(record, most: most) }
        guard let index else {
            throw LedgerRefusal(code: "audit.full", detail: "the log of the trial is full")
        }
        return Receipt(index: UInt64(index), leafHash: Self.hash(of: index))
    }

    @discardableResult
    func note(_ record: RecordDraft) -> Digest? {
        state.withLock { $0.keep(record, most: most) }.map { Self.hash(of: $0) }
    }

    /// Records that close a call name its intent by this, so it is distinct.
    private static func hash(of index: Int) -> Digest { Digest(words: (UInt64(index), 1, 2, 3)) }

    func knows(run: RunID) -> Bool { state.withLock { $0.runs.contains(run) } }
    func hasEnded(run: RunID) -> Bool { false }
    func takeOpenRuns() -> [RunID: RunExpiry] { [:] }
    var uncheckedCalls: [Digest: UncheckedCall] { state.withLock { $0.calls.unchecked } }

    var status: LedgerStatus {
        state.withLock { state in
            LedgerStatus(
                size: UInt64(state.drafts.count), root: Digest(words: (0, 0, 0, 0)),
                openIntents: 0, refusing: state.isFull ? "audit.full" : nil)
        }
    }
}
