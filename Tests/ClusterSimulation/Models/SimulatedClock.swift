package import InterlockModel

/// The clocks of one machine. Its boot clock runs at a rate of its own and never jumps; its wall clock is the boot clock
/// and a distance that steps.
package struct SimulatedClock: Sendable {
    /// The rate of a clock that is right, in millionths.
    package static let exact: Int64 = 1_000_000

    private var since = VirtualTime.start
    private var boot: Int64
    private var wallDistance: Int64
    /// Microseconds of the boot clock for a true second; 0 while the clock stops.
    package private(set) var rate: Int64

    /// - Parameters:
    ///   - boot: the first reading of the boot clock.
    ///   - rate: 900,000 to 1,100,000 for clocks that the specification allows.
    package init(boot: BootTime, wall: Timestamp, rate: Int64 = exact) {
        self.boot = boot.microseconds
        wallDistance = wall.microseconds - boot.microseconds
        self.rate = rate
    }

    package func boot(at time: VirtualTime) -> BootTime {
        let passed = time.microseconds - since.microseconds
        return BootTime(microseconds: boot + passed * rate / Self.exact)
    }

    package func wall(at time: VirtualTime) -> Timestamp {
        Timestamp(microseconds: boot(at: time).microseconds + wallDistance)
    }

    package func reading(at time: VirtualTime) -> ClockReading {
        ClockReading(wall: wall(at: time), boot: boot(at: time))
    }

    /// The distance of the wall clock from that of another machine, in microseconds.
    package func wallError(at time: VirtualTime, from other: SimulatedClock) -> Int64 {
        wall(at: time).microseconds - other.wall(at: time).microseconds
    }

    package mutating func stepWall(by step: Duration) { wallDistance += step.microseconds }

    /// Both clocks run at another rate from now on.
    package mutating func run(at rate: Int64, from time: VirtualTime) {
        boot = boot(at: time).microseconds
        since = time
        self.rate = rate
    }
}
