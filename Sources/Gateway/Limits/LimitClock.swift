import InterlockModel

/// The time by which windows of limits go on: it begins at the wall clock, or at the newest record of the log where that
/// is later, and goes on with the time since boot. So neither a clock that is set back nor one that jumps forward frees
/// anything while the program runs (limits-and-monitoring.md, section 3).
struct LimitClock: Sendable {
    private let start: Timestamp
    private let boot: BootTime

    init(_ now: Moment, newestRecord: Timestamp?) {
        start = max(now.wall, newestRecord ?? now.wall)
        boot = now.boot
    }

    func time(_ now: BootTime) -> Timestamp { start + (now - boot) }
}
