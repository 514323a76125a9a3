import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization

/// The work around the sequencer: the next segment, time limits, the disk's watermarks, summaries, and the beat on
/// which the log is published. Runs on a dedicated thread.
final class Housekeeper: Sendable {
    private let log: WriteAheadLog
    private let sequencer: Sequencer
    private let publisher: Publisher
    private let wakeup = Wakeup()
    private let stopping = Atomic(false)
    private let facts = Mutex<[RecordDraft]>([])
    private let state: Mutex<State>

    private struct State: Sendable {
        var second: BootTime
        var beat: BootTime
        var tick: BootTime
        var clock: ClockStepDetector
        /// The level that the log states last, or nil if an earlier process noted a full disk and not its end: the
        /// first check is then recorded, whatever it finds.
        var level: Level?
        var nextSegment: Int
    }

    enum Level: String, Sendable { case clear, soft, hard }

    private static let round: Int32 = 200
    static let maximumFacts = 1024

    /// - Parameters:
    ///   - nextSegment: a number above that of every existing segment.
    ///   - wasFull: whether the last `log.full` of the log has no `clear` after it.
    init(
        _ log: WriteAheadLog, _ sequencer: Sequencer, _ publisher: Publisher, nextSegment: Int,
        wasFull: Bool
    ) {
        self.log = log
        self.sequencer = sequencer
        self.publisher = publisher
        let now = log.tools.clock.now
        state = Mutex(
            State(
                second: now.boot, beat: now.boot, tick: now.boot,
                clock: ClockStepDetector(at: now),
                level: wasFull ? nil : .clear, nextSegment: nextSegment))
    }

    func run() {
        checkDisk()
        while !stopping.load(ordering: .acquiring) {
            let now = log.tools.clock.now
            expire(now.boot)
            prepareSegment()
            if due(\.second, after: .seconds(1), now.boot) {
                checkDisk()
                writeLeftovers(now)
                watchClock(now)
            }
            if due(\.beat, after: log.configuration.beat, now.boot) {
                tick(now.boot)
                publisher.hurry()
            }
            wakeup.wait(milliseconds: Self.round)
        }
    }

    func stop() {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
    }

    /// Keeps a fact until there is room to record it. Above 1,024 the oldest are dropped.
    func deferFact(_ draft: RecordDraft) {
        facts.withLock { facts in
            if facts.count == Self.maximumFacts { facts.removeFirst() }
            facts.append(draft)
        }
    }

    // MARK: Each round

    private func expire(_ now: BootTime) {
        let limit = log.configuration.commitLimit
        let late = log.state.withLock { state in
            (state.inFlight + state.queue).prefix { now - $0.queued > limit }.compactMap(\.waiter)
        }
        for waiter in late {
            waiter.answer(
                .failure(
                    LedgerRefusal(code: "audit.timeout", detail: "the disk did not answer in time"))
            )
        }
    }

    /// Ensures that one segment is ready to be written from its beginning.
    private func prepareSegment() {
        guard !log.state.withLock({ $0.room.isHard }) else { return }
        if !haveSpare() { enterHard() }
    }

    /// - Returns: false if no segment can be reused and there is no room for a new one.
    private func haveSpare() -> Bool {
        let (ready, surplus) = log.state.withLock { state in
            (state.takeSpare(), state.takeSurplus())
        }
        for place in surplus { try? Folder.remove(place.segment.file.path) }
        return ready || makeSegment()
    }

    /// Creates a segment unless that would cross the hard watermark.
    private func makeSegment() -> Bool {
        guard log.state.withLock({ $0.segmentCount < Segment.maximumCount }) else { return false }
        let bytes = log.configuration.segmentBytes
        guard let space = log.configuration.disk.space(log.configuration.wal),
            space.free - bytes > hardBytes(space.total)
        else { return false }
        let number = state.withLock { $0.nextSegment }
        guard
            let segment = try? Segment(
                making: Segment.name(number), in: log.configuration.wal, bytes: bytes,
                cached: false)
        else { return false }
        state.withLock { $0.nextSegment += 1 }
        log.state.withLock { $0.setSpare(SegmentPosition(segment)) }
        return true
    }

    private func due(
        _ path: any WritableKeyPath<State, BootTime> & Sendable, after interval: Duration,
        _ now: BootTime
    ) -> Bool {
        state.withLock { state in
            guard now - state[keyPath: path] >= interval else { return false }
            state[keyPath: path] = now
            return true
        }
    }

    // MARK: Each second

    private func hardBytes(_ total: Int) -> Int { threshold(log.configuration.hardMark, total) }

    private func threshold(_ mark: LedgerConfiguration.Watermark, _ total: Int) -> Int {
        max(mark.bytes, total / 100 * mark.percent)
    }

    private func checkDisk() {
        // A disk whose free space cannot be read counts as full.
        let found = log.configuration.disk.space(log.configuration.wal)
        log.state.withLock { $0.freeBytes = found?.free }
        let space = found ?? (free: 0, total: 0)
        let level: Level =
            space.free <= hardBytes(space.total)
            ? .hard
            : space.free <= threshold(log.configuration.softMark, space.total) ? .soft : .clear
        // Permits are resumed only when a segment is available for them.
        if level != .hard, state.withLock({ $0.level == .hard }), !haveSpare() { return }
        enter(level, free: space.free)
        if level != .hard { renewReserve() }
    }

    private func enterHard() {
        enter(.hard, free: log.configuration.disk.space(log.configuration.wal)?.free ?? 0)
    }

    private func enter(_ level: Level, free: Int) {
        let changed = state.withLock { state in
            defer { state.level = level }
            return state.level != level
        }
        guard changed else { return }
        log.state.withLock { $0.room.isHard = level == .hard }
        log.note(
            RecordDraft(
                .logFull, run: nil,
                fields: [
                    "level": .string(level.rawValue), "free": .integer(Int64(min(free, 1 << 50))),
                ]))
    }

    /// Restarts the reserve once the disk has room again and the reserve's records are published.
    private func renewReserve() {
        log.state.withLock { state in
            guard state.reserveIsUsed, state.room.reserveOwed == 0,
                state.reserveEnd <= state.published
            else { return }
            state.reserve = state.reserve.again
            state.room.reserve = state.reserve.left
            sequencer.renewReserve(state.reserve)
        }
    }

    private func writeLeftovers(_ now: ClockReading) {
        for draft in summary.take(at: now) {
            do { try log.enqueue(draft, waiter: nil) } catch { summary.putBack(draft) }
        }
        let waiting = facts.withLock { facts in
            defer { facts = [] }
            return facts
        }
        for draft in waiting {
            do { try log.enqueue(draft, waiter: nil) } catch { deferFact(draft) }
        }
    }

    private var summary: RefusalSummary { log.summary }

    private func watchClock(_ now: ClockReading) {
        let (step, clock) = state.withLock { ($0.clock.look(at: now), $0.clock) }
        log.state.withLock { $0.clock = clock }
        guard let step else { return }
        log.note(RecordDraft(.clockStep, run: nil, fields: ["step": .integer(step.microseconds)]))
    }

    // MARK: Each beat

    /// Records `log.tick` in each beat without other records, and at least once a minute.
    private func tick(_ now: BootTime) {
        let (quiet, size, open) = log.state.withLock { state in
            defer { state.recordsInBeat = 0 }
            return (state.recordsInBeat == 0, state.size, state.calls.open.count)
        }
        let due = state.withLock { state in
            guard quiet || now - state.tick >= .seconds(60) else { return false }
            state.tick = now
            return true
        }
        guard due else { return }
        var tick = RecordDraft(
            .logTick, run: nil,
            fields: ["size": .integer(Int64(size)), "open": .integer(Int64(open))])
        tick.fields["cos"] = log.configuration.quorumAgeSeconds().map(JSONValue.integer)
        tick.fields.name(log.configuration.chainHead())
        log.note(tick)
    }
}
