import InterlockCredentials
import InterlockModel
import Synchronization

/// The clock of the system, with a wall clock that a test moves.
final class MovedClock: Clock {
    private let offset: Mutex<Duration>

    init(days: Int64 = 0) { offset = Mutex(.seconds(86_400 * days)) }

    var now: ClockReading {
        let now = SystemClock().now
        return ClockReading(wall: now.wall + offset.withLock { $0 }, boot: now.boot)
    }

    func move(_ distance: Duration) { offset.withLock { $0 += distance } }

    /// Sets the distance from the system's clock.
    func set(days: Int64) { offset.withLock { $0 = .seconds(86_400 * days) } }
}
