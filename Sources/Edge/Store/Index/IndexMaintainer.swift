package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Maintains the index of a running log on a dedicated thread that only reads the log. A fault of the index does not
/// affect the log: the index is removed, the fault is reported in the status, and the index is rebuilt later.
package final class IndexMaintainer: Sendable {
    private let setup: Setup
    private let stopping = Atomic(false)
    private let wakeup = Wakeup()
    private let thread = Mutex<WorkerThread?>(nil)

    package struct Setup: Sendable {
        /// `state/index.db`
        package let path: String
        /// The log's keys; each has the log's origin as its name.
        package let keys: [VerifierKey]
        package let verifier: any SignatureVerifier
        package let reader: LedgerReader
        package let clock: any Clock
        /// The status of the log: only durable records are indexed, and none while the disk is full.
        package let durable: @Sendable () -> LedgerStatus
        /// Receives the digest record of a day.
        package let note: @Sendable (RecordDraft) -> Void
        package let report: @Sendable (IndexStatus) -> Void

        package init(
            path: String, keys: [VerifierKey], verifier: any SignatureVerifier,
            reader: LedgerReader, clock: any Clock,
            durable: @escaping @Sendable () -> LedgerStatus,
            note: @escaping @Sendable (RecordDraft) -> Void,
            report: @escaping @Sendable (IndexStatus) -> Void
        ) {
            self.path = path
            self.keys = keys
            self.verifier = verifier
            self.reader = reader
            self.clock = clock
            self.durable = durable
            self.note = note
            self.report = report
        }
    }

    /// The log's code for a full disk: the remaining space is reserved for the log.
    private static let diskFull = "audit.full"
    private static let roundMilliseconds: Int32 = 1000
    /// The pause after a first fault; it doubles after each further one, up to `longestPauseMilliseconds`.
    private static let firstPauseMilliseconds: Int32 = 1000
    private static let longestPauseMilliseconds: Int32 = 60_000

    package init(_ setup: Setup) {
        self.setup = setup
        let worker = WorkerThread("index", .last) { [self] in run() }
        thread.withLock { $0 = worker }
    }

    /// Returns once the thread has ended; the next start continues the unfinished work.
    package func stop() {
        stopping.store(true, ordering: .releasing)
        wakeup.signal()
        let worker = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        worker?.join()
    }

    private var isStopping: Bool { stopping.load(ordering: .acquiring) }

    private func run() {
        var pause = Self.firstPauseMilliseconds
        while !isStopping {
            var size: UInt64 = 0
            do {
                try follow(&size)
                return
            } catch {
                // A log that cannot be read is not a fault of the index.
                if error is IndexFailure { LogIndex.remove(setup.path) }
                setup.report(IndexStatus(size: 0, fault: "\(error)"))
                // An index that was followed for a while is retried soon.
                if size > 0 { pause = Self.firstPauseMilliseconds }
            }
            wakeup.wait(milliseconds: pause)
            pause = min(2 * pause, Self.longestPauseMilliseconds)
        }
    }

    /// Returns when `stop` is called.
    private func follow(_ size: inout UInt64) throws {
        var index = try IndexBuild.opened(setup)
        var digests = DayDigests()
        while !isStopping {
            if !index.isCurrent(at: setup.path) { index = try IndexBuild.opened(setup) }
            let status = setup.durable()
            if status.refusing != Self.diskFull {
                try index.fill(from: setup.reader, to: status.size) { filled in
                    setup.report(IndexStatus(size: filled, fault: nil))
                    return !isStopping
                }
                size = index.index.size
                if size >= status.size {
                    try digests.write(index.index, setup, now: setup.clock.wall)
                }
            }
            wakeup.wait(milliseconds: Self.roundMilliseconds)
        }
    }
}
