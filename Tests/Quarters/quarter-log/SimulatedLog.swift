import InterlockCredentials
import InterlockGovernor
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockStore
import Synchronization

/// The clock of the simulation. Wall clock and time since boot advance together, so the log sees no step.
final class SimulatedClock: Clock {
    private let begin: Int64
    private let current: Mutex<Int64>

    init(at begin: Timestamp) {
        self.begin = begin.microseconds
        current = Mutex(begin.microseconds)
    }

    var now: ClockReading {
        let current = current.withLock { $0 }
        return ClockReading(
            wall: Timestamp(microseconds: current),
            boot: BootTime(microseconds: current - begin + 1_000_000))
    }

    func advance(_ microseconds: Int64) { current.withLock { $0 += microseconds } }

    /// Changes nothing if it is later already.
    func advance(to time: Timestamp) {
        current.withLock { $0 = max($0, time.microseconds) }
    }
}

/// The log of a deployment with its keys of payloads, opened as `serve` opens them.
final class SimulatedLog: Sendable {
    let clock: SimulatedClock
    let writer: RecordWriter
    private let keyring: PayloadKeyring
    private let jobs: JobThread
    private let log: WriteAheadLog
    /// Time between two records, in microseconds.
    private let step: Int64

    /// The part of a day in which something happens.
    private static let workday = Int64(10 * 3_600) * 1_000_000

    init(_ plan: QuarterPlan) throws {
        let clock = SimulatedClock(at: plan.begin)
        let folder = plan.state + "/keys"
        let secret = try LogKeys.load(from: folder).current
        let tools = LedgerTools(
            hashing: OpenSSLHashing(),
            signer: LogKey(name: plan.origin, publicKey: secret.publicKey) { secret.sign($0) },
            verifier: OpenSSLVerifier(), clock: clock)
        var configuration = LedgerConfiguration(
            directory: plan.state + "/ledger", payloads: plan.state + "/payloads",
            guardFile: plan.state + "/guard.checkpoint", origin: plan.origin, node: plan.node,
            build: { OpenSSLHashing().sha256(Array("quarter".utf8)) },
            bootID: "9c1f04ab-0000-4000-8000-000000000000")
        configuration.segmentBytes = plan.segment
        configuration.reserveBytes = plan.segment
        configuration.softMark = .init(bytes: 0, percent: 0)
        configuration.hardMark = .init(bytes: 0, percent: 0)
        configuration.allowAnyFilesystem = true
        // Both are times of the simulated clock.
        configuration.beat = .seconds(3_600)
        configuration.commitLimit = .seconds(400 * 86_400)
        configuration.warn = { _ in }
        let jobs = JobThread("payload-keys", limit: 4_096)
        keyring = try PayloadKeyring(
            folder, clock: clock, entropy: BufferedEntropy(), blocking: { jobs.submit($0) })
        log = try WriteAheadLog.open(configuration, tools)
        writer = RecordWriter(keys: keyring, clock: clock, entropy: BufferedEntropy())
        step = Self.workday * Int64(plan.days) / Int64(clamping: plan.records + 1)
        self.clock = clock
        self.jobs = jobs
    }

    /// The durable records.
    var size: UInt64 { log.status.size }

    /// Makes the key of a new run durable.
    func prepare(_ run: RunID) async { await keyring.prepare(run, isNew: true) }

    /// Appends a record, again as long as the log is busy.
    func append(_ draft: RecordDraft) async throws -> Receipt {
        clock.advance(step)
        while true {
            do {
                return try await log.append(draft)
            } catch {
                guard error.code == "audit.busy" else { throw error }
            }
            try await Task.sleep(for: .milliseconds(1))
        }
    }

    func close() {
        log.close()
        jobs.close()
    }
}
