import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup
@testable import InterlockModel

/// Times in a reader's zone, and relative to the moment of a page.
struct TimeStyleTests {
    private let time = Timestamp(microseconds: 1_795_000_000_000_000)

    private func text(_ time: Timestamp, _ style: TimeStyle, _ form: TimeForm) -> String {
        String(decoding: style.html(of: time, form).bytes, as: UTF8.self)
    }

    private func text(
        _ offset: Int, _ form: TimeForm, addsUTC: Bool = false, now: Timestamp? = nil
    ) -> String {
        let zone = ZoneRules(fixedSeconds: offset)
        return text(time, TimeStyle(zone: zone, addsUTC: addsUTC, now: now), form)
    }

    @Test(arguments: [
        (0, "now"), (-1, "1 s ago"), (-59, "59 s ago"), (-60, "1 min ago"), (-119, "1 min ago"),
        (-3599, "59 min ago"), (-3600, "1 h ago"), (-7140, "1 h 59 min ago"),
        (-86_340, "23 h 59 min ago"), (-86_399, "23 h 59 min ago"), (-86_400, nil),
        (1, "in 1 s"), (60, "in 60 s"), (119, "in 119 s"), (120, "in 2 min"), (179, "in 2 min"),
        (720, "in 12 min"), (3600, "in 1 h"), (7080, "in 1 h 58 min"), (86_399, "in 23 h 59 min"),
        (86_400, nil), (Int64.max, nil), (Int64.min, nil),
    ])
    func `a distance is written in words within a day`(seconds: Int64, words: String?) {
        #expect(RelativeTime.words(seconds) == words)
    }

    @Test(arguments: [
        (19_800, "2026-11-18 16:36:40 +05:30"), (-9000, "2026-11-18 08:36:40 -02:30"),
        (50_400, "2026-11-19 01:06:40 +14:00"), (0, "2026-11-18 11:06:40 UTC"),
    ])
    func `an exact time has the offset of its zone`(offset: Int, words: String) {
        let text = text(offset, .exact)
        #expect(text.contains(">\(words)<"))
        #expect(text.contains("datetime=\"2026-11-18T11:06:40Z\""))
        #expect(text.contains("title=\"2026-11-18 11:06:40 UTC\"") == (offset != 0))
        #expect(!text.contains("data-moment"))
    }

    @Test func `a time in a list is relative to the page within a day, else of a day in its zone`()
    {
        for offset in [0, 19_800, -9000] {
            let soon = text(offset, .relative, now: time - .seconds(720))
            #expect(soon.contains(">in 12 min<"))
            #expect(soon.contains("title=\"2026-11-18 11:06:40 UTC\""))
        }
        let past = text(19_800, .relative, now: time + .seconds(86_400))
        #expect(past.contains("data-moment=\"18 Nov 16:36\"") && past.contains(">18 Nov 16:36<"))
        #expect(text(50_400, .relative).contains(">19 Nov 01:06<"))
        #expect(text(-9000, .relative).contains(">18 Nov 08:36<"))
    }

    @Test func `a fraction of a second changes no word`() {
        let now = time + .milliseconds(999)
        let style = TimeStyle(zone: ZoneRules(fixedSeconds: 0), now: now)
        #expect(text(time, style, .relative).contains(">now<"))
        #expect(text(now - .seconds(60), style, .relative).contains(">1 min ago<"))
    }

    @Test func `another year than that of the page is written`() {
        let now = time + .seconds(86_400 * 200)
        #expect(text(0, .relative, now: now).contains(">18 Nov 2026 11:06<"))
        #expect(text(0, .relative, now: time + .seconds(86_400 * 30)).contains(">18 Nov 11:06<"))
    }

    @Test func `both sides of the end of summer time have their own offset`() {
        let end: Int64 = 1_792_890_000
        let zone = ZoneRules(
            first: 7200, transitions: [ZoneRules.Transition(time: end, offset: 3600)], later: nil)
        let style = TimeStyle(zone: zone)
        let before = Timestamp(microseconds: (end - 60) * 1_000_000)
        let after = Timestamp(microseconds: (end + 60) * 1_000_000)
        #expect(text(before, style, .exact).contains(">2026-10-25 02:59:00 +02:00<"))
        #expect(text(after, style, .exact).contains(">2026-10-25 02:01:00 +01:00<"))
        #expect(text(before, style, .relative).contains(">25 Oct 02:59<"))
        #expect(text(after, style, .relative).contains(">25 Oct 02:01<"))
        let later = TimeStyle(zone: zone, now: after)
        #expect(text(before, later, .relative).contains(">2 min ago<"))
    }

    @Test func `the time of day is that of the zone`() {
        // `charts.js` takes it from this place.
        let style = TimeStyle(zone: ZoneRules(fixedSeconds: 19_800))
        #expect(text(time, style, .exact).contains(">2026-11-18 16:36:40 +05:30<"))
    }

    @Test func `where a person signs, UTC is there as text`() {
        #expect(text(3600, .exact, addsUTC: true).contains("(2026-11-18 11:06:40 UTC)</span>"))
        #expect(!text(0, .exact, addsUTC: true).contains("("))
        #expect(!text(0, .clock, addsUTC: true).contains("("))
        #expect(text(3600, .clock, addsUTC: true).contains("(2026-11-18 11:06:40 UTC)</span>"))
        let relative = text(0, .relative, addsUTC: true, now: time)
        #expect(relative.contains(">now<") && relative.contains("(2026-11-18 11:06:40 UTC)</span>"))
    }

    @Test func `a minute that passes changes no version of a part`() {
        let part = [Shape.time(time)]
        let first = HTML.group(part).document(
            TimeStyle(zone: ZoneRules(fixedSeconds: 0), now: time))
        let second = HTML.group(part).document(
            TimeStyle(zone: ZoneRules(fixedSeconds: 0), now: time + .seconds(60)))
        #expect(first != second && part.look == [Shape.time(time)].look)
        #expect(part.look != [Shape.time(time + .seconds(1))].look)
    }
}
