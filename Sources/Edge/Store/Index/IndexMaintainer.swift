package import InterlockLedger
package import InterlockModel
package import InterlockPorts
import Synchronization

/// Keeps the index of a running log, on a thread of its own that only reads the log. Whatever goes
/// wrong with the index stays here: it is dropped, said in the status, and built anew later.
package final class IndexMaintainer: Sendable {
    private let setup: Setup
    private let stopping = Atomic(false)
    private let wakeup = Wakeup()
    private let thread = Mutex<WorkerThread?>(nil)

    package struct Setup: Sendable {
        /// `state/index.db`
        package let path: String
        /// Of the log; they all have its origin for a name.
        package let keys: [VerifierKey]
        package let verifier: any SignatureVerifier
        package let reader: LedgerReader
        package let clock: any Clock
        /// What is durable: nothing above it is indexed, and nothing at all on a full disk.
        package let durable: @Sendable () -> LedgerStatus
        /// Takes the day's digest.
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

    /// The log's code for a full disk: what room is left is the log's.
    private static let diskFull = "audit.full"
    private static let roundMilliseconds: Int32 = 1000
    /// After a fault, the next attempt waits this long, and twice as long after each further one.
    private static let firstPauseMilliseconds: Int32 = 1000
    private static let longestPauseMilliseconds: Int32 = 60_000

    package init(_ setup: Setup) {
        self.setup = setup
        let worker = WorkerThread("index", .last) { [self] in run() }
        thread.withLock { $0 = worker }
    }

    /// Returns when the thread has ended; what it was at is taken up by the next start.
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
                // A log that cannot be read is no fault of the index.
                if error is IndexFailure { LogIndex.remove(setup.path) }
                setup.report(IndexStatus(size: 0, fault: "\(error)"))
                // An index that had been followed for a while may be tried again soon.
                if size > 0 { pause = Self.firstPauseMilliseconds }
            }
            wakeup.wait(milliseconds: pause)
            pause = min(2 * pause, Self.longestPauseMilliseconds)
        }
    }

    /// Returns when the keeper is to stop.
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
