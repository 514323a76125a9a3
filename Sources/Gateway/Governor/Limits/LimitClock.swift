import InterlockLimits
import InterlockModel

/// The time by which windows of limits go on: it goes on where that of the log has come to, and from there with the
/// time since boot. So neither a clock that is set back nor one that jumps forward frees anything while the program
/// runs (limits-and-monitoring.md, section 3).
struct LimitClock: Sendable {
    private let start: Timestamp
    private let boot: BootTime

    init(_ now: RecordTime, after timeline: LimitTimeline?) {
        start = timeline?.advanced(to: now).time ?? now.wall
        boot = now.boot
    }

    func time(_ now: BootTime) -> Timestamp { start + (now - boot) }
}
