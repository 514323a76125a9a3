import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

/// A ledger that keeps drafts in memory. It can refuse a type of record in two ways: the record is not stored, or it is
/// stored and still refused.
final class MemoryLedger: Ledger {
    private struct State {
        var drafts: [RecordDraft] = []
        var openRuns: [RunID: RunExpiry] = [:]
        var known: Set<RunID> = []
        var ended: Set<RunID> = []
        var calls = OpenCalls()

        mutating func keep(_ record: RecordDraft) {
            if let role = try? RecordRole(record) {
                let hash = MemoryLedger.hash(ofRecord: drafts.count)
                calls.apply(
                    RecordEffect(record, role, hash: hash), at: Timestamp(microseconds: 0))
            }
            drafts.append(record)
            guard let run = record.run?.run else { return }
            known.insert(run)
            if record.type == .runEnd { ended.insert(run) }
        }
        var refused: [RecordType: (LedgerRefusal, isKept: Bool)] = [:]
        var gates: [RecordType: Gate] = [:]
    }
    private let state = Mutex(State())

    static let full = LedgerRefusal(code: "audit.full", detail: "no room")

    var drafts: [RecordDraft] { state.withLock { $0.drafts } }
    func drafts(of type: RecordType) -> [RecordDraft] { drafts.filter { $0.type == type } }

    /// Refuses appended records of these types until `accept` is called.
    func refuse(_ types: RecordType..., by refusal: LedgerRefusal = full, kept: Bool = false) {
        state.withLock { state in
            for type in types { state.refused[type] = (refusal, kept) }
        }
    }
    func accept() { state.withLock { $0.refused = [:] } }

    /// Makes callers that append a record of this type wait at the gate first.
    func hold(_ type: RecordType, at gate: Gate) { state.withLock { $0.gates[type] = gate } }

    func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt {
        let record = try placed(record)
        check(record)
        if let gate = state.withLock({ $0.gates[record.type] }) { await gate.pass() }
        // The real log always waits for the disk, so that other ready tasks run meanwhile.
        await Task.yield()
        let (refusal, index) = state.withLock { state -> (LedgerRefusal?, Int) in
            let refused = state.refused[record.type]
            if refused?.isKept ?? true { state.keep(record) }
            return (refused?.0, state.drafts.count - 1)
        }
        if let refusal { throw refusal }
        return Receipt(index: UInt64(index), leafHash: Self.hash(ofRecord: index))
    }

    @discardableResult
    func note(_ record: RecordDraft) -> Digest? {
        check(record)
        let index = state.withLock { state in
            state.keep(record)
            return state.drafts.count - 1
        }
        return Self.hash(ofRecord: index)
    }

    /// The leaf hash that the record with this index has here.
    static func hash(ofRecord index: Int) -> Digest { Digest(words: (UInt64(index), 1, 2, 3)) }

    /// Fails the test if the real log would refuse the record.
    private func check(_ record: RecordDraft) {
        do throws(LeafError) { try RecordSchema.of(record.type).check(record) } catch {
            Issue.record("\(record.type.rawValue): \(error)")
        }
    }

    /// Applies the rules of the real log: a run ends only after its calls, and no record follows its end.
    private func placed(_ record: RecordDraft) throws(LedgerRefusal) -> RecordDraft {
        guard let run = record.run?.run else { return record }
        guard !hasEnded(run: run) else {
            throw LedgerRefusal(code: "audit.bad_record", detail: "the run has ended")
        }
        guard record.type == .runEnd else { return record }
        let chain = drafts.filter { $0.run?.run == run }
        let closers: Set<RecordType> = [.callOutcome, .callUnknown, .callDenied]
        let closed = chain.count { closers.contains($0.type) && $0.fields["intent"] != nil }
        guard chain.count(where: { $0.type == .callIntent }) == closed else {
            throw LedgerRefusal(code: "audit.busy", detail: "a call of the run is open")
        }
        var record = record
        record.fields["cnt"] = .integer(Int64(chain.count + 1))
        return record
    }

    /// Adds an open run that an earlier process began.
    func found(_ run: RunID, _ term: RunExpiry) { state.withLock { $0.openRuns[run] = term } }

    func takeOpenRuns() -> [RunID: RunExpiry] {
        state.withLock { state in
            defer { state.openRuns = [:] }
            return state.openRuns
        }
    }

    func hasEnded(run: RunID) -> Bool { state.withLock { $0.ended.contains(run) } }

    func knows(run: RunID) -> Bool { state.withLock { $0.known.contains(run) } }

    var uncheckedCalls: [Digest: UncheckedCall] { state.withLock { $0.calls.unchecked } }

    var status: LedgerStatus {
        state.withLock { state in
            LedgerStatus(
                size: UInt64(state.drafts.count), root: Digest(words: (0, 0, 0, 0)),
                openIntents: 0, refusing: state.refused[.callIntent]?.0.code)
        }
    }
}
