import InterlockCredentials
import InterlockModel

/// The machine's clocks, with the wall clock moved.
struct ShiftedClock: Clock {
    var shift = Duration.zero
    var now: ClockReading {
        let now = SystemClock().now
        return ClockReading(wall: now.wall + shift, boot: now.boot)
    }
}
