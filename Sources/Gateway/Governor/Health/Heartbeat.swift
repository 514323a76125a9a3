package import InterlockModel
import Synchronization

/// The liveness of a loop: the loop reports each iteration, from any thread, and observers learn if it has been silent
/// for too long.
package final class Heartbeat: Sendable {
    package let name: String
    private let patience: Duration
    private let last: Atomic<Int64>

    init(_ name: String, patience: Duration, at now: BootTime) {
        self.name = name
        self.patience = patience
        last = Atomic(now.microseconds)
    }

    package func beat(at now: BootTime) { last.store(now.microseconds, ordering: .relaxed) }

    /// Returns the time since the last report if it exceeds the patience.
    func absence(at now: BootTime) -> Duration? {
        let away = now - BootTime(microseconds: last.load(ordering: .relaxed))
        return away > patience ? away : nil
    }
}

/// The loops on which the reliability of this process depends.
package final class Heartbeats: Sendable {
    private let all = Mutex<[Heartbeat]>([])

    init() {}

    /// - Parameter patience: the longest silence; it must be long enough for a machine under load.
    package func begin(
        _ name: String, patience: Duration = .seconds(20), at now: BootTime
    ) -> Heartbeat {
        let one = Heartbeat(name, patience: patience, at: now)
        all.withLock { $0.append(one) }
        return one
    }

    /// Returns one sentence for each loop that is silent for too long.
    package func stuck(at now: BootTime) -> [String] {
        all.withLock { $0 }.compactMap { one in
            one.absence(at: now).map {
                "the loop `\(one.name)` has not come round for \($0.components.seconds) s"
            }
        }
    }
}
