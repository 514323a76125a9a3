import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

struct LastHourTests {
    private func moment(_ seconds: Int64) -> ClockReading {
        ClockReading(
            wall: Timestamp(microseconds: 1_795_169_000_000_000 + seconds * 1_000_000),
            boot: BootTime(microseconds: 50_000_000 + seconds * 1_000_000))
    }

    @Test func `calls stand in the minute in which they were counted`() {
        var hour = LastHour()
        hour.note(allowed: 5, denied: 1, at: moment(0))
        hour.note(allowed: 7, denied: 1, at: moment(59))
        hour.note(allowed: 8, denied: 3, at: moment(60))
        hour.note(allowed: 8, denied: 4, at: moment(185))
        #expect(hour.minutes.map(\.allowed) == [7, 1, 0, 0])
        #expect(hour.minutes.map(\.denied) == [1, 2, 0, 1])
        #expect((hour.allowed, hour.denied) == (8, 4))
    }

    @Test func `calls that people approved are those of their minute, among the allowed ones`() {
        var hour = LastHour()
        hour.note(allowed: 5, denied: 1, approved: 2, at: moment(0))
        hour.note(allowed: 8, denied: 1, approved: 3, at: moment(60))
        hour.note(allowed: 8, denied: 1, approved: 3, at: moment(120))
        #expect(hour.minutes.map(\.approved) == [2, 1, 0])
        #expect((hour.allowed, hour.approved) == (8, 3))
    }

    @Test func `the time at servers is in the minute in which it was counted`() {
        var hour = LastHour()
        var times = DurationCounts()
        times.add(microseconds: 70)
        hour.note(allowed: 1, denied: 0, times: times, at: moment(0))
        times.add(microseconds: 30)
        hour.note(allowed: 2, denied: 0, times: times, at: moment(60))
        #expect(hour.minutes.map(\.times.count) == [1, 1])
        #expect(hour.minutes[1].times.quantile(1) == 50 && hour.times.quantile(1) == 100)
    }

    @Test func `what is older than an hour is gone, however long nobody counted`() {
        var hour = LastHour()
        hour.note(allowed: 9, denied: 9, at: moment(0))
        hour.note(allowed: 10, denied: 9, at: moment(60 * 59))
        #expect(hour.minutes.count == LastHour.length)
        #expect(hour.allowed == 10)
        hour.note(allowed: 10, denied: 9, at: moment(60 * 60))
        #expect(hour.minutes.count == LastHour.length)
        #expect((hour.allowed, hour.denied) == (1, 0))
        hour.note(allowed: 11, denied: 9, at: moment(86_400 * 30))
        #expect(hour.minutes.count == LastHour.length)
        #expect((hour.allowed, hour.denied) == (1, 0))
    }

    @Test func `minutes follow one another`() {
        var hour = LastHour()
        for second in stride(from: Int64(0), through: 7_400, by: 37) {
            hour.note(allowed: Int(second), denied: 0, at: moment(second))
        }
        let starts = hour.minutes.map(\.start)
        #expect(starts == starts.sorted())
        #expect(Set(starts).count == starts.count)
    }
}
