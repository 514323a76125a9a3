import InterlockLimits
import InterlockModel

/// The clock of limit windows: it continues the timeline of the log and advances with the time since boot. Setting the
/// wall clock forward or back therefore frees no units while the program runs (docs/specs/limits-and-monitoring.md,
/// section 3).
struct LimitClock: Sendable {
    private let start: Timestamp
    private let boot: BootTime

    init(_ now: RecordTime, after timeline: LimitTimeline?) {
        start = timeline?.advanced(to: now).time ?? now.wall
        boot = now.boot
    }

    func time(_ now: BootTime) -> Timestamp { start + (now - boot) }
}
