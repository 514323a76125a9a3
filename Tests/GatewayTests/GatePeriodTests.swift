import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockChangeGate

/// The period after an upgrade in which agents without a result are only named.
@Suite(.requirement("R116")) struct GatePeriodTests {
    private let since = Timestamp(microseconds: 1_795_000_000_000_000)
    private let day = Duration.seconds(86_400)

    /// A reading some days after the start of the period, with another time since boot.
    private func reading(wall: Int64, boot: Int64) -> ClockReading {
        ClockReading(
            wall: since + .seconds(wall * 86_400),
            boot: BootTime(microseconds: boot * 86_400_000_000))
    }

    @Test func `it lasts 14 days`() {
        let period = GatePeriod(since: since, seen: since, at: reading(wall: 0, boot: 0))
        #expect(period.isOpen(at: since + .seconds(14 * 86_400 - 1)))
        #expect(!period.isOpen(at: since + .seconds(14 * 86_400)))
    }

    @Test func `a clock that is set back does not make it longer while the gateway runs`() {
        var period = GatePeriod(since: since, seen: since, at: reading(wall: 0, boot: 0))
        _ = period.advance(to: reading(wall: 10, boot: 10))
        for days in 1...3 {
            _ = period.advance(to: reading(wall: 1, boot: 10 + Int64(days)))
            #expect(period.isOpen(at: since + day))
        }
        _ = period.advance(to: reading(wall: 1, boot: 14))
        #expect(!period.isOpen(at: since + day))
    }

    @Test func `after a restart it counts from what the store has seen`() {
        let seen = since + .seconds(13 * 86_400)
        var near = GatePeriod(since: since, seen: seen, at: reading(wall: 12, boot: 0))
        #expect(near.isOpen(at: since + .seconds(12 * 86_400)))
        _ = near.advance(to: reading(wall: 12, boot: 1))
        #expect(!near.isOpen(at: since + .seconds(12 * 86_400)))
        let back = GatePeriod(since: since, seen: seen, at: reading(wall: 10, boot: 0))
        #expect(!back.isOpen(at: since + .seconds(10 * 86_400)))
        let over = GatePeriod(
            since: since, seen: since + .seconds(14 * 86_400), at: reading(wall: 13, boot: 0))
        #expect(!over.isOpen(at: since + .seconds(13 * 86_400)))
    }

    @Test func `what it has seen is stored each hour, and its end once`() {
        var period = GatePeriod(since: since, seen: since, at: reading(wall: 0, boot: 0))
        var stored = 0
        for hour in 1...(20 * 24) {
            let now = ClockReading(
                wall: since + .seconds(Int64(hour) * 3600),
                boot: BootTime(microseconds: Int64(hour) * 3_600_000_000))
            guard let due = period.advance(to: now) else { continue }
            stored += 1
            period.store(due)
        }
        #expect(stored == 14 * 24 && period.seen == period.end)
    }
}
