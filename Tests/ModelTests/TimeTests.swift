import InterlockModel
import Testing

@Suite struct TimeTests {
    @Test(arguments: [
        ("2026-11-20T09:30:05Z", 1_795_167_005_000_000),
        ("2026-11-20T09:30:05.5Z", 1_795_167_005_500_000),
        ("2026-11-20T09:30:05.000001Z", 1_795_167_005_000_001),
        ("2026-11-20T10:30:05+01:00", 1_795_167_005_000_000),
        ("2026-11-20T08:00:05-01:30", 1_795_167_005_000_000),
        ("1969-12-31T23:59:59.999999Z", -1),
    ])
    func `a time of RFC 3339 is read to the microsecond`(text: String, microseconds: Int64) {
        #expect(Timestamp(rfc3339: text)?.microseconds == microseconds)
    }

    @Test(arguments: [
        "", "2026-11-20", "2026-11-20T09:30:05", "2026-11-20 09:30:05Z", "2026-02-29T00:00:00Z",
        "2026-11-20T24:00:00Z", "2026-11-20T09:60:00Z", "2026-11-20T09:30:60Z",
        "2026-11-20T09:30:05.Z", "2026-11-20T09:30:05.1234567Z", "2026-11-20T09:30:05Zz",
        "2026-11-20T09:30:05+0100", "2026-11-20T09:30:05+24:00", "2026-11-20T09:30:05+01:00Z",
        "2026-11-20T9:30:05Z0", "+026-11-20T09:30:05Z",
    ])
    func `what is no such time is refused`(text: String) {
        #expect(Timestamp(rfc3339: text) == nil)
    }

    @Test func `a fraction of any length is refused, not the end of the process`() {
        let digits = String(repeating: "9", count: 100)
        #expect(Timestamp(rfc3339: "2026-11-20T09:30:05.\(digits)Z") == nil)
    }

    @Test func `what is written is read back`() throws {
        for microseconds: Int64 in [0, 1, -1, 1_795_167_005_123_456, -62_135_596_800_000_000] {
            let time = Timestamp(microseconds: microseconds)
            #expect(Timestamp(rfc3339: time.rfc3339()) == time)
        }
    }

    @Test(arguments: [
        (0, "1970-01-01"), (86_399_999_999, "1970-01-01"), (86_400_000_000, "1970-01-02"),
        (-1, "1969-12-31"), (-86_400_000_000, "1969-12-31"), (-86_400_000_001, "1969-12-30"),
    ])
    func `a day is from its start to its end, also before 1970`(
        microseconds: Int64, text: String
    ) {
        let time = Timestamp(microseconds: microseconds)
        #expect(time.day.text == text)
        #expect(time.day.start <= time && time < time.day.end)
        #expect(time.day.start.day == time.day)
    }

    @Test func `every time has a day`() {
        #expect(Timestamp(microseconds: .min).day.daysSince1970 == Int64.min / 86_400_000_000 - 1)
        #expect(Timestamp(microseconds: .max).day.daysSince1970 == Int64.max / 86_400_000_000)
    }

    @Test func `a duration beyond the range of microseconds is the longest there is`() {
        #expect(Duration.seconds(Int64.max).microseconds == .max)
        #expect(Duration.seconds(Int64.min).microseconds == .min)
        #expect(
            Duration(
                secondsComponent: Int64.max / 1_000_000,
                attosecondsComponent: 999_999_000_000_000_000
            ).microseconds == .max)
        #expect(Duration.milliseconds(-1500).microseconds == -1_500_000)
    }
}
