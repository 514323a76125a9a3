package import InterlockModel
package import InterlockPorts
import Synchronization

/// Probes the store once per beat, and every second while it is down. While it is down no call is permitted: approvals,
/// elevations and quarantines could not be stored (docs/specs/limits-and-monitoring.md, section 13).
package final class StoreMonitor: Sendable {
    private struct State {
        /// The start of the current probe.
        var began: BootTime?
        var next: BootTime?
        /// The start of the last probe that was answered.
        var probed: BootTime?
        var reason: String?
    }
    private let state = Mutex(State())
    private let down = Atomic<Bool>(false)
    private let beat: Duration

    /// A store that takes longer than this for one row counts as down.
    static let patience = Duration.seconds(10)

    init(beat: Duration) { self.beat = beat }

    package var isDown: Bool { down.load(ordering: .relaxed) }

    /// The reason why the store is down, or nil if it is up.
    package var reason: String? { state.withLock { $0.reason } }

    /// The start of the last probe that the store answered, or nil before the first.
    package var probed: BootTime? { state.withLock { $0.probed } }

    /// Called every second; never waits for the store.
    ///
    /// - Parameter tell: called with the reason when the store goes down, and with nil when it is back.
    func look(
        _ store: any StoreProbe, at now: BootTime, clock: any Clock,
        tell: @escaping @Sendable (String?) -> Void
    ) {
        enum Course { case wait, begin, late }
        let step = state.withLock { state -> Course in
            if let began = state.began { return now - began > Self.patience ? .late : .wait }
            if let next = state.next, now < next { return .wait }
            state.began = now
            return .begin
        }
        switch step {
        case .wait: return
        case .late: settle("it does not answer", tell)
        case .begin:
            Task {
                let found: String?
                do throws(StoreFailure) {
                    try await store.probe()
                    found = nil
                } catch { found = error.reason }
                state.withLock { state in
                    state.probed = now
                    state.began = nil
                    state.next = clock.boot + (found == nil ? beat : .seconds(1))
                }
                settle(found, tell)
            }
        }
    }

    private func settle(_ reason: String?, _ tell: @Sendable (String?) -> Void) {
        state.withLock { $0.reason = reason }
        let isDown = reason != nil
        if down.exchange(isDown, ordering: .relaxed) != isDown { tell(reason) }
    }
}

extension Gateway {
    /// Called every second, from a loop that never blocks.
    package func watchStore(_ store: any StoreProbe) {
        monitors.store.look(store, at: clock.boot, clock: clock) { [self] reason in
            if let reason {
                ports.log(
                    LogLine(
                        "the store is down, so no call is permitted: \(reason)", .error,
                        part: "store"))
                raise(alarm: "store.down", subject: "")
            } else {
                ports.log(LogLine("the store is back", part: "store"))
            }
        }
    }
}

extension Refusal {
    static let storeDown = Refusal(
        .denied, "store", "unavailable", rule: "store",
        "the store does not keep what it is given, so nothing is permitted",
        retryAfterMilliseconds: 1000, outcome: .notExecuted)
}
