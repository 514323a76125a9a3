package import InterlockModel
import Synchronization

/// A clock that a test sets forward. Both of its clocks show the same time.
package final class SteppedClock: Clock {
    private let start: Timestamp
    private let runsFrom: ContinuousClock.Instant?
    private let offset = Mutex(Duration.zero)

    /// - Parameter runs: whether time passes by itself too.
    package init(_ start: Timestamp, runs: Bool) {
        self.start = start
        runsFrom = runs ? ContinuousClock.now : nil
    }

    package var now: ClockReading {
        let passed = runsFrom.map { ContinuousClock.now - $0 } ?? .zero
        let wall = start + (passed + offset.withLock { $0 })
        return ClockReading(wall: wall, boot: BootTime(microseconds: wall.microseconds))
    }

    package func step(_ distance: Duration) { offset.withLock { $0 += distance } }
}
