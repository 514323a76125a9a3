import InterlockApprovals
import InterlockModel
import Testing

@Suite struct OffHoursTests {
    private func isOff(_ text: String, _ offset: String = "UTC") throws -> Bool {
        let time = try #require(Timestamp(rfc3339: text))
        return OffHours.has(time, in: try #require(ZoneRules(offsetText: offset)))
    }

    @Test(arguments: [
        // The dates are a Friday, a Saturday, a Sunday and a Monday.
        ("2026-11-20T07:59:59Z", true), ("2026-11-20T08:00:00Z", false),
        ("2026-11-20T17:59:59Z", false), ("2026-11-20T18:00:00Z", true),
        ("2026-11-21T12:00:00Z", true), ("2026-11-22T12:00:00Z", true),
        ("2026-11-23T12:00:00Z", false),
    ])
    func `outside of 8 to 18 h from Monday to Friday`(_ time: String, _ expected: Bool) throws {
        #expect(try isOff(time) == expected)
    }

    @Test func `by the clock of where people are`() throws {
        #expect(try !isOff("2026-11-20T07:30:00Z", "+01:00"))
        #expect(try isOff("2026-11-20T17:30:00Z", "+01:00"))
        #expect(try !isOff("2026-11-22T22:00:00Z", "+11:00"), "Monday morning")
    }
}
