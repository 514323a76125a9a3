import InterlockModel
import Testing

/// The steps of the wall clock, found against the boot clock.
struct ClockStepDetectorTests {
    private static let start = Timestamp(microseconds: 1_795_000_000_000_000)

    /// - Parameters:
    ///   - seconds: since the start, by the boot clock.
    ///   - moved: how far the wall clock was moved until then.
    private func reading(_ seconds: Int64, moved: Duration = .zero) -> ClockReading {
        ClockReading(
            wall: Self.start + .seconds(seconds) + moved,
            boot: BootTime(microseconds: 5_000_000 + seconds * 1_000_000))
    }

    @Test func `a step is found once, with its distance and direction`() {
        var watch = ClockStepDetector(at: reading(0))
        #expect(watch.look(at: reading(1)) == nil)
        #expect(watch.look(at: reading(2, moved: .seconds(61))) == .seconds(61))
        #expect(watch.look(at: reading(3, moved: .seconds(61))) == nil)
        #expect(watch.look(at: reading(4, moved: .seconds(-9))) == .seconds(-70))
        #expect(watch.steps.map(\.distance) == [.seconds(61), .seconds(-70)])
        #expect(watch.distance == .seconds(-9))
        #expect(watch.looked == reading(4).boot)
    }

    @Test func `a slow drift counts once it has come to half a second`() {
        var watch = ClockStepDetector(at: reading(0))
        var found: [Duration] = []
        for second in 1...12 {
            let moved = Duration.milliseconds(100 * second)
            if let step = watch.look(at: reading(Int64(second), moved: moved)) {
                found.append(step)
            }
        }
        #expect(found == [.milliseconds(600), .milliseconds(600)])
    }

    @Test func `a step is kept for an hour`() {
        var watch = ClockStepDetector(at: reading(0))
        _ = watch.look(at: reading(1, moved: .seconds(2)))
        _ = watch.look(at: reading(3601, moved: .seconds(2)))
        #expect(watch.steps.count == 1)
        _ = watch.look(at: reading(3602, moved: .seconds(2)))
        #expect(watch.steps.isEmpty && watch.distance == .seconds(2))
    }
}
