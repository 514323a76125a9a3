import InterlockModel
import InterlockTesting
import Testing

/// The times at which the kill switch must be rehearsed (docs/specs/kill-switch.md, section 10).
@Suite struct `Status of drills` {
    private let day = Int64(86_400_000_000)
    private let start = Timestamp(microseconds: 1_795_046_400_000_000)  // a Thursday, 00:00 UTC

    private func at(_ days: Double) -> Timestamp {
        Timestamp(microseconds: start.microseconds + Int64(days * Double(day)))
    }

    private func last(
        _ days: Double, passed: Bool = true, signed: Bool = true
    ) -> DrillStatus.Last {
        DrillStatus.Last(ended: at(days), passed: passed, isSignedOff: signed)
    }

    private func status(
        _ reports: [DrillStatus.Last]?, at days: Double, declared: CivilDate? = nil
    ) -> DrillStatus {
        DrillStatus(
            every: .seconds(31 * 86_400), declared: declared, reports: reports, now: at(days))
    }

    @Test func `without a demand there is nothing to be late with`() {
        let none = DrillStatus(every: nil, declared: nil, reports: nil, now: start)
        #expect(none.word == .none && none.begins == nil && !none.isFailing)
    }

    @Test func `one that never was is overdue, and so is one that cannot be read`() {
        #expect(status([], at: 0).word == .overdue)
        #expect(status([], at: 0).begins == start)
        #expect(status(nil, at: 0).word == .overdue && status(nil, at: 0).isFailing)
    }

    @Test(.requirement("R033")) func `it is fine, then soon due, then overdue`() {
        for (days, word) in [
            (0.1, DrillStatus.Word.fine), (23.9, .fine), (24.1, .dueSoon), (30.9, .dueSoon),
            (31, .overdue), (200, .overdue),
        ] { #expect(status([last(0)], at: days).word == word, "\(days)") }
        #expect(status([last(0)], at: 1).due == at(31))
        #expect(status([last(0)], at: 1).begins == at(24))
    }

    @Test func `a failed one counts at once as overdue, until one passes`() {
        #expect(status([last(0), last(1, passed: false)], at: 1.1).word == .failed)
        #expect(status([last(0), last(1, passed: false)], at: 1.1).isFailing)
        #expect(status([last(1, passed: false), last(2)], at: 2.1).word == .fine)
        #expect(status([last(0, passed: false)], at: 1).word == .failed)
    }

    @Test func `one that nobody signs counts for a week`() {
        #expect(status([last(0, signed: false)], at: 6.9).word == .fine)
        #expect(status([last(0, signed: false)], at: 7).word == .overdue)
        #expect(status([last(0), last(1, signed: false)], at: 9).lastPass == at(0))
    }

    @Test func `what the policy says without a report is no proof`() {
        let declared = CivilDate(daysSince1970: at(-2).seconds / 86_400)
        #expect(status([], at: 1, declared: declared).word == .declared)
        #expect(status([], at: 40, declared: declared).word == .overdue)
        #expect(status([last(0)], at: 1, declared: declared).word == .fine)
        let future = CivilDate(daysSince1970: at(300).seconds / 86_400)
        #expect(status([], at: 1, declared: future).word == .overdue)
    }

    @Test func `the hour of the week`() throws {
        let utc = ZoneRules(fixedSeconds: 0)
        let time = try #require(DrillTime("tue 10:00 UTC"))
        #expect(time.description == "tue 10:00 UTC")
        // The start is a Thursday.
        let tuesday = at(5)
        for (minutes, allows) in [(599, false), (600, true), (659, true), (660, false)] {
            let now = tuesday + .seconds(minutes * 60)
            #expect(time.allows(now, in: utc) == allows, "\(minutes)")
        }
        #expect(time.allows(tuesday + .seconds(8 * 3600), in: ZoneRules(fixedSeconds: 7200)))
        #expect(DrillTime.any.allows(start, in: utc) && DrillTime("any") == .any)
        let late = try #require(DrillTime("sun 23:30 UTC"))
        #expect(late.allows(at(4) + .seconds(10 * 60), in: utc), "over midnight")
        for text in [
            "", "tue", "tue 10:00", "Tue 10:00 UTC", "tue 1:00 UTC", "tue 24:00 UTC",
            "tue 10:60 UTC", "tue 10:00  UTC",
        ] {
            #expect(DrillTime(text) == nil, "\(text)")
        }
    }
}
