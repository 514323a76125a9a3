import InterlockLedger
import InterlockModel
import InterlockMonitoring
import InterlockPorts
import Synchronization

/// Looks whether the log still grows: each beat writes a record, so three without one mean that nothing is kept any
/// more, whatever the log says of itself (specs of limits and monitoring, section 11).
package final class LogGrowthMonitor: Sendable {
    private let still = Atomic<Bool>(false)
    private let stillness: Mutex<Stillness>

    static let beats: Int64 = 3

    init(beat: Duration) {
        stillness = Mutex(Stillness(patienceSeconds: Self.beats * beat.components.seconds))
    }

    /// While it is, no call is permitted.
    package var isStill: Bool { still.load(ordering: .relaxed) }

    /// Called every second.
    ///
    /// - Returns: whether it has stopped now.
    func look(_ status: LedgerStatus, at now: BootTime) -> Bool {
        let isStill = stillness.withLock {
            $0.isStill(size: status.size, seconds: now.microseconds / 1_000_000)
        }
        return !still.exchange(isStill, ordering: .relaxed) && isStill
    }
}

extension Gateway {
    /// Once a second.
    func watchLog() {
        guard logWatch.look(ledger.status, at: clock.boot) else { return }
        raise(alarm: "ledger.still", subject: "")
    }
}

extension LedgerRefusal {
    static let still = LedgerRefusal(
        code: "audit.unavailable", detail: "the log has not grown for three beats")
}
