import InterlockAdministration
import InterlockConsoleWorld
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockMarkup

struct ChartTests {
    private func chart(_ points: [(String, [Double?])]) -> String {
        let chart = Chart(
            caption: "Calls by minute", gist: "2 were refused", kind: .line,
            series: [
                Chart.Series(name: "Allowed", tone: .toneCalm),
                Chart.Series(name: "Refused", tone: .toneBad),
            ],
            column: "Minute",
            points: points.map {
                Chart.Point(label: .text("at \($0.0)"), mark: .words($0.0), amounts: $0.1)
            }, room: 60)
        return String(decoding: chart.html.bytes, as: UTF8.self)
    }

    @Test func `a chart is drawn out of the table below it, the newest first`() throws {
        let html = chart([("10:41", [3, 0]), ("10:42", [4, 2])])
        let newest = try #require(html.firstRange(of: "data-mark=\"10:42\">at 10:42"))
        let oldest = try #require(html.firstRange(of: "data-mark=\"10:41\">at 10:41"))
        #expect(newest.lowerBound < oldest.lowerBound)
        #expect(html.contains(">4</td>"))
        #expect(html.contains("<li class=\"tone-bad\">Refused</li>"))
        #expect(html.contains("data-kind=\"line\" data-room=\"60\""))
    }

    @Test func `time that was not counted is hatched, which words say`() {
        #expect(chart([("10:41", [3, 0])]).contains("Hatched: no data before at 10:41"))
        let whole = (0..<60).map { ("\($0)", [0, 0] as [Double?]) }
        #expect(!chart(whole).contains("Hatched"))
    }

    @Test func `who does not see the picture hears what it is of`() {
        let html = chart([("10:41", [3, 0])])
        #expect(
            html.contains("<canvas role=\"img\" aria-label=\"Calls by minute. 2 were refused\""))
    }

    @Test(
        arguments: [
            (3, "3"), (0.5, "0.5"), (0.999, "1"), (1.239, "1.24"), (-2, "-2"), (.nan, "0"),
            (.infinity, "0"),
            (1e300, "0"),
        ] as [(Double, String)])
    func `a number is written as it is drawn`(_ amount: Double, _ text: String) {
        #expect(chart([("10:41", [amount, 0])]).contains("\">\(text)</td>"))
    }

    @Test func `what is not known is no number, in the table and in the picture`() {
        let html = chart([("10:41", [nil, 2]), ("10:42", [0, 3])])
        #expect(html.contains(">-</td>"))
        #expect(html.count(of: ">0</td>") == 1)
    }

    @Test func `the last hour has the time at servers, of minutes with calls alone`() {
        var hour = LastHour()
        var times = DurationCounts()
        func moment(_ seconds: Int64) -> ClockReading {
            ClockReading(
                wall: ConsoleOffice.start + .seconds(seconds),
                boot: BootTime(microseconds: seconds * 1_000_000))
        }
        for _ in 0..<100 { times.add(microseconds: 900) }
        hour.note(allowed: 100, denied: 0, times: times, at: moment(0))
        hour.note(allowed: 100, denied: 0, times: times, at: moment(60))
        let html = HourCharts(hour: hour).content.map {
            String(decoding: $0.bytes, as: UTF8.self)
        }.joined()
        #expect(html.contains("p50 0.75 ms, p95 0.98 ms, p99 1 ms"))
        #expect(html.count(of: ">-</td>") == 3)
    }

    @Test func `each call of the last hour is in one series, allowed, approved or denied`() {
        var hour = LastHour()
        hour.note(
            allowed: 12, denied: 3, approved: 5,
            at: ClockReading(wall: ConsoleOffice.start, boot: BootTime(microseconds: 0)))
        let html = HourCharts(hour: hour).content.map {
            String(decoding: $0.bytes, as: UTF8.self)
        }.joined()
        #expect(html.contains("Calls per minute. 7 allowed, 5 approved, 3 denied"))
        #expect(html.contains("<li class=\"tone-warm\">Approved</li>"))
        for amount in [7, 5, 3] { #expect(html.count(of: ">\(amount)</td>") == 1, "\(amount)") }
    }

    private func halt(_ number: Int64, from start: Int64, until end: Int64?) -> HaltSpan {
        HaltSpan(
            halt: OrderID(milliseconds: number, random: [UInt8](repeating: 0, count: 10)),
            target: .org, start: ConsoleOffice.start + .seconds(start),
            end: end.map { ConsoleOffice.start + .seconds($0) })
    }

    @Test func `minutes with halts are a band, a last column and words, also after their end`() {
        var hour = LastHour()
        var times = DurationCounts()
        times.add(microseconds: 900)
        for minute in 0..<6 as Range<Int64> {
            hour.note(
                allowed: 7, denied: 3, times: minute < 2 ? DurationCounts() : times,
                at: ClockReading(
                    wall: ConsoleOffice.start + .seconds(60 * minute),
                    boot: BootTime(microseconds: 60_000_000 * minute)))
        }
        func charts(_ halts: [HaltSpan]) -> [String] {
            HourCharts(hour: hour, halts: halts).content.map {
                String(decoding: $0.bytes, as: UTF8.self)
            }
        }
        let both = [halt(1, from: 70, until: 130), halt(2, from: 125, until: nil)]
        let html = charts(both)
        #expect(html.count == 2)
        #expect(html[0].contains("3 denied. Halts were active in 5 of 6 minutes\""))
        #expect(html[1].contains(" ms. Halts were active in 4 of 4 minutes\""))
        for chart in html {
            #expect(chart.contains("<li class=\"band\">Active halts</li></ul>"))
        }
        let cell = " data-column=\"Active halts\">"
        #expect(html[0].count(of: "\(cell)0<") == 1 && html[0].count(of: "\(cell)1<") == 4)
        #expect(html[0].count(of: "\(cell)2<") == 1, "two halts in the third minute")
        #expect(html[1].count(of: cell) == 4)
        let ended = charts([halt(1, from: 70, until: 100)])
        #expect(ended[0].contains("Halts were active in 1 of 6 minutes"))
        #expect(!ended[1].contains("Halts were active"), "its minute is before the first call")
        #expect(!charts([]).joined().contains("Active halts"))
    }

    @Test func `the first page marks the minutes of its halts`() async {
        let status = BusyStatus()
        let browser = Browser(sources: ConsoleSources(status: status))
        #expect(await !browser.get("/now").text.contains("Halts were active"))
        status.halt()
        #expect(await browser.get("/now").text.contains("Halts were active in 5 of 60 minutes"))
    }

    @Test func `what draws is loaded where there is a chart, after the library`() async throws {
        let browser = Browser(
            sources: ConsoleSources(status: BusyStatus()), chart: Array("library".utf8))
        let assets = browser.console.assets
        let page = await browser.get("/now").text
        let places = try assets.charts.map {
            try #require(page.firstRange(of: "<script src=\"\($0.path)\" defer>")).lowerBound
        }
        #expect(places.count == 2 && places[0] < places[1])
        #expect(await browser.get(assets.charts[0].path).text == "library")
        let other = await browser.get("/approvals").text
        #expect(!other.contains(assets.charts[0].path))
    }

    @Test func `where the library is missing the page has its table and names no script for it`()
        async
    {
        let browser = Browser(sources: ConsoleSources(status: BusyStatus()))
        let page = await browser.get("/now").text
        #expect(browser.console.assets.charts.isEmpty && !page.contains("/assets/chart-"))
        #expect(page.contains("No picture is drawn here."))
        #expect(
            page.count(of: "<th scope=\"row\" role=\"rowheader\" class=\"time\"><time ")
                == LastHour.length, "no call was sent, so the table of times has no row")
    }
}

extension String {
    fileprivate func count(of part: String) -> Int { ranges(of: part).count }
}
