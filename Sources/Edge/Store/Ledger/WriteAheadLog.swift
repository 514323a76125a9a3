import InterlockJSON
package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// The audit log of one node (docs/specs/ledger.md, sections 4, 8, 9 and 10): signed frames in preallocated segments,
/// with one `fdatasync` for all waiting callers.
///
/// Callers hash and chain their own records. One thread, the sequencer, orders them, signs and flushes; another, the
/// housekeeper, prepares segments and watches the disk; a third, the publisher, writes tiles and checkpoint.
package final class WriteAheadLog: Ledger {
    let configuration: LedgerConfiguration
    let tools: LedgerTools
    let state: Mutex<LogState>
    let wakeup = Wakeup()
    let summary = RefusalSummary()
    private let chains: RunChains
    /// The open runs that the start found, until `takeOpenRuns` takes them.
    private let found: Mutex<[RunID: RunExpiry]>
    let packs: PackWriter
    private let appendTimes = Histogram()
    private let boot: String
    private let threads = Mutex<[WorkerThread]>([])
    private let housekeeper = Mutex<Housekeeper?>(nil)
    let publisher = Mutex<Publisher?>(nil)
    /// Held while the log is open.
    private let lock: LedgerLock

    /// Larger blobs go to a pack, which is flushed before the leaf is queued.
    package static let inlineBlobBytes = 64 << 10

    init(
        _ configuration: LedgerConfiguration, _ tools: LedgerTools, _ state: LogState,
        _ heads: LogHeads, lock: LedgerLock
    ) {
        self.configuration = configuration
        self.tools = tools
        self.state = Mutex(state)
        self.lock = lock
        chains = RunChains(heads)
        found = Mutex(heads.terms.merging(heads.issued) { begun, _ in begun })
        packs = PackWriter(configuration, tools.hashing)
        boot = String(configuration.bootID.prefix(8))
    }

    package func append(_ record: RecordDraft) async throws(LedgerRefusal) -> Receipt {
        let began = tools.clock.boot
        let result = await unsafe withUnsafeContinuation { continuation in
            submit(record, unsafe DurabilityWaiter(continuation))
        }
        let time = tools.clock.boot.microseconds - began.microseconds
        if case .success = result { appendTimes.record(microseconds: time) }
        return try result.get()
    }

    @discardableResult
    package func note(_ record: RecordDraft) -> Digest? {
        let now = tools.clock.now
        guard summary.lets(record, at: now) else { return nil }
        guard Self.needsPack(record) else { return tell(record) }
        let accepted = packs.store(record.payloads, day: Self.day(record, now)) { [self] failure in
            // If the payload cannot be stored, the fact is recorded without it.
            tell(failure == nil ? record : record.unstored, packed: true)
        }
        return accepted ? nil : tell(record.unstored)
    }

    @discardableResult
    private func tell(_ record: RecordDraft, packed: Bool = false) -> Digest? {
        do {
            return try enqueue(record, waiter: nil, packed: packed)
        } catch {
            switch error.code {
            case "audit.bad_record", "audit.too_large":
                if let hash = tellOutside(record, packed: packed) { return hash }
                // A retry would not help; the missing record itself is recorded as an alert.
                let run = record.run.flatMap { chains.hasEnded($0.run) ? nil : $0 }
                var alarm = RecordDraft(.alarmRaised, run: run)
                alarm.fields["code"] = .string(error.code)
                alarm.fields["type"] = .string(record.type.rawValue)
                deferFact(alarm)
            default:
                // A record that cannot be summarised waits in memory; the housekeeper retries it.
                if !summary.count(record, at: tools.clock.now) { deferFact(record.unstored) }
            }
            return nil
        }
    }

    /// Records a stop outside the chain of its run if the run has ended since: the stop itself ends it, maybe before the
    /// order is stored. The record names the run.
    private func tellOutside(_ record: RecordDraft, packed: Bool) -> Digest? {
        guard record.type == .killRequested, let run = record.run, chains.hasEnded(run.run) else {
            return nil
        }
        let stop = RecordDraft(
            record.type, run: nil, fields: record.fields, payloads: record.payloads)
        return try? enqueue(stop, waiter: nil, packed: packed)
    }

    private func deferFact(_ record: RecordDraft) {
        housekeeper.withLock { $0?.deferFact(record) }
    }

    package func knows(run: RunID) -> Bool { chains.knows(run) }

    package func hasEnded(run: RunID) -> Bool { chains.hasEnded(run) }

    package func takeOpenRuns() -> [RunID: RunExpiry] {
        found.withLock { found in
            defer { found = [:] }
            return found
        }
    }

    package var uncheckedCalls: [Digest: UncheckedCall] {
        state.withLock { $0.calls.unchecked }
    }

    package var status: LedgerStatus {
        state.withLock { state in
            var status = LedgerStatus(
                size: state.size, root: state.root, openIntents: state.calls.open.count,
                refusing: state.closing || state.isUnsigned
                    ? "audit.unavailable"
                    : state.refusing
                        ?? (state.isForked ? "audit.fork" : state.room.isHard ? "audit.full" : nil))
            status.backlog = state.queue.count + state.inFlight.count
            status.freeBytes = state.freeBytes
            status.clock = state.clock
            status.published = state.publishedAt
            status.appendTimes = appendTimes
            return status
        }
    }

    /// Sets or clears the forked state, in which every permit except `config.changed` is refused with `audit.fork`.
    package func setForked(_ isForked: Bool) { state.withLock { $0.isForked = isForked } }

    /// Sets or clears the state in which the log's signer does not sign, in which every permit is refused with
    /// `audit.unavailable`.
    func setUnsigned(_ failure: LogSigningFailure?) {
        state.withLock { $0.isUnsigned = failure != nil }
        guard let failure else { return configuration.warn("the log's signer signs again") }
        configuration.warn(
            "the log's signer does not sign, so no call is permitted: \(failure.reason)")
        note(RecordDraft(.alarmRaised, run: nil, fields: ["code": "audit.signer"]))
    }

    /// The newest durable checkpoint, a signed note.
    package var checkpoint: [UInt8] { state.withLock { $0.checkpoint } }

    /// Makes the queued records durable, publishes the checkpoint and releases the lock. Later records are refused with
    /// `audit.unavailable`.
    package func close() {
        // Stops new packs first; records whose packs are already being written are still admitted.
        packs.close()
        state.withLock { $0.closing = true }
        wakeup.signal()
        let publisher = publisher.withLock { $0 }
        housekeeper.withLock { $0 }?.stop()
        publisher?.stop()
        let running = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        for thread in running { thread.join() }
        publisher?.publish(last: true)
        housekeeper.withLock { $0 = nil }
        self.publisher.withLock { $0 = nil }
        lock.release()
    }

    func start(_ sequencer: Sequencer, _ keeper: Housekeeper, _ publisher: Publisher) {
        housekeeper.withLock { $0 = keeper }
        self.publisher.withLock { $0 = publisher }
        threads.withLock { threads in
            threads = [
                WorkerThread("ledger-sequence", .gathering) { sequencer.run() },
                WorkerThread("ledger-keeper") { keeper.run() },
                WorkerThread("ledger-publish") { publisher.run() },
            ]
        }
    }

    // MARK: Queueing

    private func submit(_ record: RecordDraft, _ waiter: DurabilityWaiter) {
        if Self.needsPack(record) { return pack(record, waiter) }
        do {
            try enqueue(record, waiter: waiter)
        } catch {
            // Past the hard watermark the reserved room of a closing record is for its leaf: its blobs go to a pack.
            if error.code == "audit.payload" { return pack(record, waiter) }
            waiter.answer(.failure(error))
        }
    }

    private static func needsPack(_ record: RecordDraft) -> Bool {
        record.payloads.contains { $0.blob.count > inlineBlobBytes }
            || record.payloads.reduce(0) { $0 + $1.blob.count } > SegmentSpace.maximumInlineBytes
    }

    private static func day(_ record: RecordDraft, _ moment: ClockReading) -> CivilDate {
        PayloadDay.of(record.run?.run, recordedAt: moment.wall)
    }

    /// Stores every blob of the record in a pack on the packs' thread, then queues the record.
    private func pack(_ record: RecordDraft, _ waiter: DurabilityWaiter) {
        let accepted = packs.store(record.payloads, day: Self.day(record, tools.clock.now)) {
            [self] failure in
            do throws(LedgerRefusal) {
                if let failure { throw failure }
                try enqueue(record, waiter: waiter, packed: true)
            } catch {
                waiter.answer(.failure(error))
            }
        }
        if !accepted {
            waiter.answer(
                .failure(LedgerRefusal(code: "audit.busy", detail: "too many payloads wait")))
        }
    }

    /// Builds the leaf, chains it and queues it. The run's chain advances only if the record was queued.
    ///
    /// - Returns: the leaf's hash.
    @discardableResult
    func enqueue(
        _ record: RecordDraft, waiter: DurabilityWaiter?, packed: Bool = false
    ) throws(LedgerRefusal) -> Digest {
        let role: RecordRole
        do {
            role = try RecordRole(record)
        } catch {
            throw LedgerRefusal(error)
        }
        let blobs = packed ? [] : try blobs(of: record)
        guard let run = record.run else {
            let hash = try queue(record, role, blobs, waiter, .start)
            wakeup.signal()
            return hash
        }
        let hash = try chains.extend(run.run, ends: record.type == .runEnd) {
            link throws(LedgerRefusal) in try queue(record, role, blobs, waiter, link)
        }
        wakeup.signal()
        return hash
    }

    private func queue(
        _ record: RecordDraft, _ role: RecordRole, _ blobs: [StoredBlob],
        _ waiter: DurabilityWaiter?,
        _ link: ChainLink
    ) throws(LedgerRefusal) -> Digest {
        let now = tools.clock.now
        var record = record
        if record.type == .runEnd, record.run != nil, record.fields["cnt"] == nil {
            record.fields["cnt"] = .integer(link.sequence + 1)
        }
        let leaf: Leaf
        do {
            leaf = try Leaf(
                record,
                at: Placement(moment: now, boot: boot, node: configuration.node, link: link),
                hashing: tools.hashing)
        } catch {
            throw LedgerRefusal(error)
        }
        let outcome: Result<Void, LedgerRefusal> = state.withLock { state in
            do throws(LedgerRefusal) {
                try state.admit(leaf, record, role, blobs: blobs, waiter: waiter, now: now)
                return .success(())
            } catch {
                return .failure(error)
            }
        }
        try outcome.get()
        return leaf.hash
    }

    private func blobs(of record: RecordDraft) throws(LedgerRefusal) -> [StoredBlob] {
        var blobs: [StoredBlob] = []
        var bytes = 0
        for payload in record.payloads {
            guard let digest = payload.commitment.stored else { continue }
            blobs.append(StoredBlob(digest: digest, bytes: payload.blob[...]))
            bytes += payload.blob.count
        }
        guard bytes <= SegmentSpace.maximumInlineBytes, blobs.count <= 16 else {
            throw LedgerRefusal(code: "audit.payload", detail: "\(bytes) bytes of payloads")
        }
        return blobs
    }
}
