import InterlockCommandLine
import InterlockGovernor
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockStore
import InterlockTrust
import Synchronization

/// Keeps the cache of collected runs close behind the log, on a thread that leaves the processor to all others. If it
/// cannot be written, `interlock trust status` reads the whole log.
final class CollectedRunsWriter: Sendable {
    private struct State {
        /// The cache on disk; nil before it was read, and while there is none that can be used.
        var last: CollectedRunsUpkeep?
        /// The size of the log up to which erasures were looked for.
        var looked: UInt64 = 0
        /// The time at which the runs were more than a file may have; nil if they are not.
        var tooLarge: Timestamp?
    }

    private let log: AuditLog
    private let file: CollectedRunsFile
    private let gateway: Gateway
    private let criteria: CriteriaInForce
    private let state = Mutex(State())
    /// The time of the next look; nil while the thread works.
    private let next = Mutex<BootTime?>(BootTime(microseconds: 0))
    private let isClosing = Atomic(false)
    private let thread = JobThread("collected-runs", limit: 1, yields: true)

    private static let interval = Duration.seconds(20)
    /// The pause after a look is at least so many times as long as the look.
    private static let leisure = 20
    /// The log's code for a full disk: the remaining space is reserved for the log.
    private static let diskFull = "audit.full"

    init(_ parts: NodeParts, _ gateway: Gateway, _ log: AuditLog) {
        self.log = log
        self.gateway = gateway
        file = CollectedRunsFile(parts.deployment, parts.keys)
        criteria = parts.criteria
    }

    /// Called every second.
    func sweep() {
        let now = gateway.clock.boot
        let isDue = next.withLock { next in
            guard let time = next, time <= now else { return false }
            next = nil
            return true
        }
        guard isDue else { return }
        let isTaken = thread.submit { [self] in
            do { try look() } catch {
                if !(error is CancellationError) {
                    InterlockCommandLine.log(
                        "the runs that trust counts are not kept: \(error)", .warning,
                        part: "trust")
                }
            }
            let end = gateway.clock.boot
            next.withLock { $0 = end + max(Self.interval, (end - now) * Self.leisure) }
        }
        if !isTaken { next.withLock { $0 = now + Self.interval } }
    }

    /// Returns once the thread has ended; the next start continues its work.
    func close() {
        isClosing.store(true, ordering: .relaxed)
        thread.close()
    }

    private func look() throws {
        let status = gateway.ports.ledger.status
        guard status.refusing != Self.diskFull, status.size >= CollectedRunsUpkeep.fewest else {
            return
        }
        let policy = gateway.policy.snapshot
        let subjects = RunCollection.Subjects(
            policy.agents.keys.sorted(), policy, criteria.criteria ?? .standard)
        guard let basis = file.basis(policy, subjects.criteria) else { return }
        let proved = try ProvedLog(log)
        let first = try CheckpointScan(proved).first
        var last = last(subjects, basis, proved)
        // A cache that ends before the oldest record is of no use, and what follows it is gone.
        if let size = last?.size, size < first { last = nil }
        let step = CollectedRunsUpkeep.step(
            after: last, first: first, size: proved.size, basis: basis,
            isErased: try isErased(since: last), tooLarge: state.withLock { $0.tooLarge },
            at: gateway.clock.wall)
        let start = gateway.clock.wall
        let continued: RunCollection?
        switch step {
        case .nothing: return
        case .extend: continued = try file.continued(subjects, in: proved, reading)
        case .recount: continued = nil
        }
        try write(
            continued ?? RunCollection(of: subjects, in: proved, reading), begun: start, basis)
    }

    /// The cache on disk, which is read after a start, and whenever the file was removed.
    private func last(
        _ subjects: RunCollection.Subjects, _ basis: Digest, _ proved: ProvedLog
    ) -> CollectedRunsUpkeep? {
        guard File.exists(file.path) else { return nil }
        if let last = state.withLock({ $0.last }) { return last }
        let found = try? file.read(subjects, basis: basis, in: proved)
        let last = found.map { CollectedRunsUpkeep($0, basis: basis) }
        state.withLock { ($0.last, $0.looked) = (last, last?.size ?? 0) }
        return last
    }

    private func isErased(since last: CollectedRunsUpkeep?) throws -> Bool {
        guard let last else { return false }
        var isErased = false
        let start = max(last.size, state.withLock { $0.looked })
        let end = try log.reader.scan(of: [.payloadErased], from: start) { _, _ in
            isErased = true
            return false
        }
        if !isErased { state.withLock { $0.looked = max($0.looked, end) } }
        return isErased
    }

    private var reading: RunCollection.Reading {
        RunCollection.Reading(isGoing: { [self] in !isClosing.load(ordering: .relaxed) })
    }

    private func write(
        _ collection: RunCollection, begun start: Timestamp, _ basis: Digest
    ) throws {
        let runs = CollectedRuns(
            collection.runs, upTo: collection.range, counted: collection.counted ?? start,
            policies: collection.source.noted)
        guard try file.write(runs, basis: basis) else {
            state.withLock { $0.tooLarge = gateway.clock.wall }
            throw Failure(
                .data, "they take more than \(CollectedRuns.maximumBytes) bytes; next try in a day")
        }
        let last = CollectedRunsUpkeep(runs, basis: basis)
        state.withLock { $0 = State(last: last, looked: last.size) }
    }
}
