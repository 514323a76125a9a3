import InterlockModel
package import InterlockPorts
import Synchronization

/// Tries the store out each beat, and each second while it is down. While it is, no call is permitted: what people
/// approve, elevate and shut off could not be kept (specs of limits and monitoring, section 13).
package final class StoreMonitor: Sendable {
    private struct State {
        /// When the probe that is under way began.
        var began: BootTime?
        var next: BootTime?
        var reason: String?
    }
    private let state = Mutex(State())
    private let down = Atomic<Bool>(false)
    private let beat: Duration

    /// A store that takes longer than this for one row is down.
    static let patience = Duration.seconds(10)

    init(beat: Duration) { self.beat = beat }

    package var isDown: Bool { down.load(ordering: .relaxed) }

    /// Why it is down; nil while it is not.
    package var reason: String? { state.withLock { $0.reason } }

    /// Called every second; never waits for the store.
    ///
    /// - Parameter tell: called when it goes down, with the reason, and when it is back, with nil.
    func look(
        _ store: any StoreProbe, at now: BootTime, clock: any Clock,
        tell: @escaping @Sendable (String?) -> Void
    ) {
        enum Step { case wait, begin, late }
        let step = state.withLock { state -> Step in
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
    /// Once a second, from a loop that waits for nothing.
    package func watchStore(_ store: any StoreProbe) {
        storeWatch.look(store, at: clock.boot, clock: clock) { [self] reason in
            if let reason {
                log(
                    LogLine(
                        "the store is down, so no call is permitted: \(reason)", .error,
                        part: "store"))
                raise(alarm: "store.down", subject: "")
            } else {
                log(LogLine("the store is back", part: "store"))
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
