import InterlockLedger
package import InterlockModel
import InterlockMonitoring
import InterlockPorts
import Synchronization

/// Checks that the log still grows: each beat writes a record, so three beats without a record mean that nothing is
/// stored any more, whatever status the log reports (docs/specs/limits-and-monitoring.md, section 11).
///
/// INVARIANT: a log that does not grow for three beats permits nothing. Kept by `AlertDispositionServiceTests`.
package final class LogGrowthMonitor: Sendable {
    private let still = Atomic<Bool>(false)
    private let lastLook = Mutex<BootTime?>(nil)
    private let stillness: Mutex<Stillness>

    static let beats: Int64 = 3

    init(beat: Duration) {
        stillness = Mutex(Stillness(patienceSeconds: Self.beats * beat.components.seconds))
    }

    /// True while the log does not grow; no call is permitted then.
    package var isStill: Bool { still.load(ordering: .relaxed) }

    /// The last time when the log was measured, or nil before the first.
    package var looked: BootTime? { lastLook.withLock { $0 } }

    /// Called every second.
    ///
    /// - Returns: whether the log has stopped growing just now.
    func look(_ status: LedgerStatus, at now: BootTime) -> Bool {
        let isStill = stillness.withLock {
            $0.isStill(size: status.size, seconds: now.microseconds / 1_000_000)
        }
        lastLook.withLock { $0 = now }
        return !still.exchange(isStill, ordering: .relaxed) && isStill
    }
}

extension Gateway {
    /// Called every second.
    func watchLog() {
        guard monitors.log.look(ledger.status, at: clock.boot) else { return }
        raise(alarm: "ledger.still", subject: "")
    }
}

extension LedgerRefusal {
    static let still = LedgerRefusal(
        code: "audit.unavailable", detail: "the log has not grown for three beats")
}
