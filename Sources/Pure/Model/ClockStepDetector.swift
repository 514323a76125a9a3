/// The steps of the wall clock, found by the clock that cannot be set. A value without a clock.
///
/// What the two clocks drift apart slowly counts as one step each time that it has come to `leastStep`.
package struct ClockStepDetector: Sendable, Hashable {
    package struct Step: Sendable, Hashable {
        /// The time at which it was found: at most one look after it happened.
        package let at: BootTime
        /// The distance by which the wall clock moved; negative if it was set back.
        package let distance: Duration

        package init(at: BootTime, distance: Duration) {
            self.at = at
            self.distance = distance
        }
    }

    /// The least difference that is a step.
    package static let leastStep = Duration.milliseconds(500)
    /// The time for which a step is kept.
    package static let memory = Duration.seconds(3600)

    /// The steps of the last hour before the last look, oldest first: at most one a look.
    package private(set) var steps: [Step] = []
    package private(set) var looked: BootTime
    /// The wall clock minus the boot clock at the first look, and after the last step, in microseconds.
    private let first: Int64
    private var drift: Int64

    package init(at now: ClockReading) {
        looked = now.boot
        first = now.drift
        drift = first
    }

    /// The distance by which the wall clock has moved against the boot clock from the first look to the last step.
    package var distance: Duration { .microseconds(drift - first) }

    /// Called about once a second.
    ///
    /// - Returns: the distance of a step, or nil if there is none.
    package mutating func look(at now: ClockReading) -> Duration? {
        looked = now.boot
        steps.removeAll { now.boot - $0.at > Self.memory }
        let distance = Duration.microseconds(now.drift - drift)
        guard distance.microseconds.magnitude > Self.leastStep.microseconds.magnitude else {
            return nil
        }
        drift = now.drift
        steps.append(Step(at: now.boot, distance: distance))
        return distance
    }
}

extension ClockReading {
    /// The wall clock minus the boot clock, in microseconds.
    fileprivate var drift: Int64 { wall.microseconds - boot.microseconds }
}
