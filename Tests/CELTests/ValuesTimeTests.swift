import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicyCEL

@Suite struct ValuesTimeTests {
    @Test(
        arguments: [
            ("2026-02-03T04:05:06Z", "2026-02-03T04:05:06Z"),
            ("2026-02-03T04:05:06.100Z", "2026-02-03T04:05:06.1Z"),
            ("2026-02-03T04:05:06.000000001+01:30", "2026-02-03T02:35:06.000000001Z"),
            ("0001-01-01T00:00:00Z", "0001-01-01T00:00:00Z"),
            ("0001-01-01T01:00:00+01:00", "0001-01-01T00:00:00Z"),
            ("2024-02-29T00:00:00-00:00", "2024-02-29T00:00:00Z"),
        ])
    func `timestamps are RFC 3339`(text: String, expected: String) throws {
        #expect(try CELTimestamp(text: text).text == expected)
    }

    @Test(
        arguments: [
            ("2026-02-03", CELFault.Kind.conversion), ("2026-02-03T04:05:06", .conversion),
            ("2026-02-03 04:05:06Z", .conversion), ("2026-02-03t04:05:06z", .conversion),
            ("2026-02-30T00:00:00Z", .conversion), ("2026-02-03T24:00:00Z", .conversion),
            ("2026-02-03T23:59:60Z", .conversion), ("2026-02-03T04:05:06.Z", .conversion),
            ("2026-02-03T04:05:06.1234567890Z", .conversion), ("", .conversion),
            ("2026-02-03T04:05:06Zx", .conversion), ("2026-02-03T04:05:06+1:00", .conversion),
            ("-001-02-03T04:05:06Z", .conversion), ("0000-01-01T00:00:00Z", .range),
            ("99999999999999999999-01-01T00:00:00Z", .range),
            ("0001-01-01T00:00:00+00:01", .range), ("9999-12-31T23:59:59-00:01", .range),
        ])
    func `other texts are no timestamps`(text: String, kind: CELFault.Kind) {
        let fault = #expect(throws: CELFault.self) { try CELTimestamp(text: text) }
        #expect(fault?.kind == kind)
    }

    @Test func `every timestamp is read as it was written`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<5000 {
            let time = CELTimestamp(
                seconds: .random(
                    in: CELTimestamp.firstSecond...CELTimestamp.lastSecond, using: &random),
                nanoseconds: .random(in: 0..<1_000_000_000, using: &random))
            #expect(try CELTimestamp(text: time.text) == time, "\(time.text)")
        }
    }

    @Test(
        arguments: [
            ("1h2m3.5s", "3723.5s"), ("-999999999ns", "-0.999999999s"), ("0", "0s"),
            ("+5m", "300s"),
            ("1.5h", "5400s"), (".5s", "0.5s"), ("1us1µs1μs1ms1ns", "0.001003001s"),
            ("0.1ns", "0s"),
            ("9223372036854775807ns", "9223372036.854775807s"),
            ("-2562047h47m16.854775808s", "-9223372036.854775808s"),
        ])
    func `durations are numbers with units`(text: String, expected: String) throws {
        #expect(try CELDuration(text: text).text == expected)
    }

    @Test(
        arguments: [
            ("", CELFault.Kind.conversion), ("5", .conversion), ("s", .conversion),
            (".s", .conversion),
            ("1d", .conversion), ("1 s", .conversion), ("--1s", .conversion),
            ("1s-1s", .conversion),
            ("9223372036854775808ns", .range), ("99999999999999999999h", .range),
            ("2562048h", .range), ("-2562047h47m16.854775809s", .range),
        ])
    func `other texts are no durations`(text: String, kind: CELFault.Kind) {
        let fault = #expect(throws: CELFault.self) { try CELDuration(text: text) }
        #expect(fault?.kind == kind)
    }

    @Test func `every duration is read as it was written`() throws {
        var random = SeededGenerator.announced()
        for _ in 0..<5000 {
            let duration = CELDuration(nanoseconds: Int64(bitPattern: random.next()))
            #expect(try CELDuration(text: duration.text) == duration, "\(duration.text)")
        }
    }

    @Test(
        arguments: [
            ("timestamp('2026-11-20T12:00:00Z').getHours('Europe/Berlin')", "13"),
            ("timestamp('2026-07-20T12:00:00Z').getHours('Europe/Berlin')", "14"),
            ("timestamp('9999-12-31T23:00:00Z').getFullYear('+02:00')", "10000"),
            ("timestamp('9999-12-31T23:00:00Z').getDayOfYear('+02:00')", "0"),
            ("timestamp('0001-01-01T00:00:00Z').getFullYear('-02:00')", "0"),
            ("timestamp('0001-01-01T00:00:00Z').getDayOfYear('-02:00')", "365"),
            ("timestamp('1969-12-31T23:59:59.5Z').getMilliseconds()", "500"),
            ("timestamp('1969-12-31T23:59:59Z').getDayOfWeek()", "3"),
            ("duration('-90m').getHours()", "-1"), ("duration('-1.5s').getMilliseconds()", "-500"),
        ])
    func `parts of times and durations`(text: String, expected: String) {
        #expect(outcome(text) == expected)
    }

    @Test func `the time of the gateway becomes a timestamp`() {
        #expect(CELTimestamp(Timestamp(microseconds: -1)).text == "1969-12-31T23:59:59.999999Z")
    }
}
