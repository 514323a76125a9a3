import CLinux
package import InterlockModel

/// The machine's clocks: CLOCK_REALTIME for people, CLOCK_BOOTTIME for deadlines.
package struct SystemClock: Clock {
    package init() {}

    package var now: ClockReading { ClockReading(wall: wall, boot: boot) }

    package var wall: Timestamp { Timestamp(microseconds: read(CLOCK_REALTIME)) }
    package var boot: BootTime { BootTime(microseconds: read(CLOCK_BOOTTIME)) }

    private func read(_ clock: clockid_t) -> Int64 {
        var time = timespec()
        let result = unsafe clock_gettime(clock, &time)
        // INVARIANT: both clocks exist on every supported Linux; without time nothing can expire.
        precondition(result == 0, "the clock cannot be read")
        return Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000
    }
}
