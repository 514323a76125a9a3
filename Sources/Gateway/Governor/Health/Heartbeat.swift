package import InterlockModel
import Synchronization

/// A loop that has to come round: it says so each time, from any thread, and whoever asks hears when it has not for too
/// long.
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

    /// How long it has been away, once that is too long.
    func absence(at now: BootTime) -> Duration? {
        let away = now - BootTime(microseconds: last.load(ordering: .relaxed))
        return away > patience ? away : nil
    }
}

/// The loops without which nothing of this process can be relied on.
package final class Heartbeats: Sendable {
    private let all = Mutex<[Heartbeat]>([])

    init() {}

    /// - Parameter patience: how long it may stay away; a machine under load is no dead loop.
    package func begin(
        _ name: String, patience: Duration = .seconds(20), at now: BootTime
    ) -> Heartbeat {
        let one = Heartbeat(name, patience: patience, at: now)
        all.withLock { $0.append(one) }
        return one
    }

    /// One sentence for each loop that does not come round.
    package func stuck(at now: BootTime) -> [String] {
        all.withLock { $0 }.compactMap { one in
            one.absence(at: now).map {
                "the loop `\(one.name)` has not come round for \($0.components.seconds) s"
            }
        }
    }
}
