import InterlockAlerts
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockNotification
import InterlockPorts
import InterlockSchemas
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// The pages of alerts and the matching API.
struct AlertPageTests {
    private func browser(
        _ shelf: AlertTriageStub = AlertTriageStub(), roles: Set<Role> = [.security],
        own: [String] = []
    ) -> Browser {
        var sources = ConsoleSources.with(roles: roles, own: own)
        sources.alarms = shelf
        return Browser(sources: sources, chart: Array("library".utf8))
    }

    private func path(_ number: Int, _ action: String = "") -> String {
        "/alerts/\(AlertTriageStub.id(number).text)" + action
    }

    @Test func `a page shows texts of any origin and makes none of them a part of itself`() async {
        let browser = browser(AlertTriageStub(PolicyShelf.texts.count))
        for target in ["/alerts"] + PolicyShelf.texts.indices.map({ path($0) }) {
            let answer = await browser.get(target)
            #expect(answer.status == 200)
            #expect(!answer.text.contains("<script>document"))
            #expect(!answer.text.contains("<img src"))
            #expect(!answer.text.contains("\u{202e}"))
        }
    }

    @Test func `an alert has a name in words, its code next to it, and what was counted`() async {
        let browser = browser()
        let list = await browser.get("/alerts").text
        #expect(list.contains("More calls than usual") && list.contains("detector.<wbr>calls"))
        #expect(list.contains("90 calls in 60 s, usual 7"))
        let page = await browser.get(path(0)).text
        #expect(page.contains("<h1>More calls than usual</h1>") && page.contains("<dt>Code</dt>"))
        #expect(AlertNames.name("no.such_code") == nil)
        for signal in ["first_server", "first_tool", "first_shape", "first_host", "long_run"] {
            let name = AlertNames.name("signal.\(signal)") ?? "_"
            #expect(!name.contains("_"), "\(signal)")
        }
    }

    @Test func `an alert without a sentence of its own shows its subject, and no code`() throws {
        func shown(_ alert: RaisedAlert) -> String {
            Outline(HTML.group(AlertNames.message(alert)).bytes).text
        }
        let raised = RaisedAlert(
            id: AlertTriageStub.id(7), code: "call.blocked", subject: "refunds",
            at: ConsoleOffice.start)
        #expect(raised.text.text == #"alert "call.blocked": "refunds""#)
        var stored = try #require(RaisedAlert(raised.json))
        #expect(stored.summary != nil && stored.sentence == nil)
        // A record of an earlier version.
        var record = try #require(raised.json.object)
        record["summary"] = #"alarm "call.blocked": "refunds""#
        let earlier = try #require(RaisedAlert(.object(record)))
        #expect(earlier.summary != nil && earlier.sentence == nil)
        #expect(shown(earlier).contains("refunds") && !shown(earlier).contains("alarm"))
        let bare = shown(stored)
        #expect(bare.contains("refunds") && !bare.contains("call.blocked"))
        stored.summary = "two calls were denied"
        let whole = shown(stored)
        #expect(whole.contains("two calls were denied"))
    }

    @Test func `no open alerts is green for who sees alerts, and unknown for other people`()
        throws
    {
        let agent = try #require(AgentName("refunds"))
        func status(_ roles: Set<Role>, _ own: Set<AgentName> = [], open: Int = 0) throws -> String
        {
            let page = AlertsPage(
                view: TriagePage(
                    alarms: [], count: 0, unread: 0, incidents: [],
                    channels: [ChannelStatus(channel: try #require(ChannelName("ops")))]),
                filter: AlertFilter(), page: 1,
                viewer: Visibility(
                    person: ConsoleOffice().people[0], roles: roles, own: own), open: open)
            let html = HTML.group([page.header.html(at: ConsoleOffice.start)] + page.content)
            return String(decoding: html.bytes, as: UTF8.self)
        }
        let all = try status([.kill])
        #expect(all.contains("badge good") && all.contains("<span>No open alerts</span>"))
        let own = try status([], [agent])
        #expect(own.contains("badge good") && own.contains("No open alerts of your agents"))
        let open = try status([.kill], open: 3)
        #expect(open.contains("badge warning") && open.contains("3 open"))
        let none = try status([])
        #expect(none.contains("badge unknown") && none.contains("No access to alerts"))
        #expect(!none.contains("badge good") && !none.contains("was raised"))
        #expect(none.contains("Alerts are visible to owners"))
        #expect(!none.contains("Open (") && !none.contains("Incidents"), "no 0 for no access")
        #expect(all.contains("Open (0)") && all.contains("Incidents"))
    }

    @Test(
        arguments: [
            (
                .sent(ConsoleOffice.start), "<span class=\"badge\">sent</span>",
                "data-column=\"Details\"><time "
            ),
            (
                .waiting(
                    AlertDelivery.Waiting(
                        since: ConsoleOffice.start, tries: 0, next: ConsoleOffice.start)),
                "<span class=\"badge\">waiting</span>", "0 tries, next"
            ),
            (
                .waiting(
                    AlertDelivery.Waiting(
                        since: ConsoleOffice.start, tries: 3, next: ConsoleOffice.start)),
                "badge warning", "3 tries, next"
            ),
            (.grouped, "<span class=\"badge\">grouped</span>", "Counted in a later notification"),
            (.givenUp(.gaveUp, ConsoleOffice.start), "badge bad", "No success for a day"),
            (.unknown, "badge unknown", "Not recorded since the start"),
        ] as [(AlertDelivery.State, String, String)])
    func `the delivery of each alert is on its page and in the list, and never green`(
        state: AlertDelivery.State, look: String, detail: String
    ) async throws {
        let browser = browser(AlertTriageStub(delivery: state))
        let (list, page) = (await browser.get("/alerts").text, await browser.get(path(0)).text)
        for text in [list, page] {
            let notified = try #require(text.firstRange(of: "Notified"))
            #expect(text[notified.upperBound...].contains(look))
        }
        #expect(page.contains(detail))
        #expect(!page.contains("badge good"))
        let json = try #require(await browser.call("/alerts").json)
        try AlertListing.form.shape.check(json)
        let rows = try #require(json["deliveries"]?.array)
        #expect(rows.count == json["alerts"]?.array?.count && !rows.isEmpty)
        let story = try #require(await browser.call(path(0)).json)
        try AlertDetail.form.shape.check(story)
        #expect(story["deliveries"] == rows.first?["channels"])
    }

    @Test func `an alert without a channel needs attention`() async {
        let browser = browser(AlertTriageStub(delivery: nil))
        #expect(await browser.get("/alerts").text.contains("no channel"))
        let page = await browser.get(path(0)).text
        #expect(page.contains("no channel") && page.contains("Not sent: no notification channel."))
    }

    @Test func `alerts that cannot be read are counted where the others are shown`() async {
        let browser = browser(AlertTriageStub(unread: 2))
        #expect(await browser.get("/alerts").text.contains("2 kept alerts cannot be read"))
        #expect(await browser.call("/alerts").json?["unread"]?.integer == 2)
        #expect(!(await self.browser().get("/alerts").text.contains("cannot be read")))
    }

    @Test func `what raised it stands there with its limits`() async {
        let browser = browser()
        let page = await browser.get(path(0))
        for piece in [
            "90", "3 before", "1.250", "-0.007", "ewma", "Moving average", "windows of 60 s",
        ] {
            #expect(page.text.contains(piece), "\(piece)")
        }
        let drawing = browser.console.assets.charts.map(\.path)
        #expect(!drawing.isEmpty && drawing.allSatisfy(page.text.contains))
    }

    @Test func `whoever may not say what it was sees no form, and the API refuses`() async {
        let shelf = AlertTriageStub()
        let killer = browser(shelf, roles: [.kill])
        #expect(!(await killer.get(path(0))).text.contains("Classify"))
        let body = #"{"as":"fault","reason":"a bad release"}"#
        #expect(await killer.call(path(0, "/disposition"), body).problem == "not_eligible")
        let form = [
            ("form_token", await killer.formToken), ("as", "fault"), ("reason", "bad"),
        ]
        #expect(await killer.post(path(0, "/disposition"), form).status == 403)
        let owner = browser(shelf, roles: [], own: ["refunds"])
        #expect(await owner.get(path(0)).text.contains("Classify"))
        #expect(await owner.call(path(0, "/disposition"), body).status == 200)
        #expect(await owner.get(path(1)).status == 404)
        #expect(await owner.call(path(1)).problem == "no_such_alert")
        #expect(await owner.call(path(1, "/disposition"), body).problem == "no_such_alert")
        #expect(shelf.said.withLock { $0.count } == 1)
    }

    @Test func `a form says what it was, and opens or ends an incident`() async {
        let shelf = AlertTriageStub()
        let browser = browser(shelf)
        let token = await browser.formToken
        func send(_ fields: (String, String)...) async -> Int {
            await browser.post(path(0, "/disposition"), [("form_token", token)] + fields).status
        }
        #expect(await send(("as", "attack"), ("incident", "1"), ("reason", "it+was")) == 303)
        #expect(await send(("as", ""), ("incident", "close"), ("reason", "over")) == 303)
        for wrong in [
            [("as", "attack"), ("reason", "")], [("as", "none"), ("reason", "x")],
            [("as", ""), ("reason", "x")], [("as", "fault"), ("incident", "4"), ("reason", "x")],
        ] {
            let status = await browser.post(
                path(0, "/disposition"), [("form_token", token)] + wrong
            ).status
            #expect(status == 422)
        }
        let strange = await browser.post(
            path(0, "/disposition"), [("form_token", "x"), ("as", "fault"), ("reason", "x")])
        #expect(strange.status == 403)
        let said = shelf.said.withLock { $0 }
        #expect(said.map(\.0) == [.attack, nil])
        #expect(said.map(\.2) == [.open(severity: 1), .close])
    }

    @Test func `what the desk refuses is told where it was asked`() async {
        let shelf = AlertTriageStub()
        let browser = browser(shelf)
        let body = #"{"as":"fault","reason":"a bad release"}"#
        for (refusal, status, code) in [
            (AlertTriageRefusal.disposedAlready(.attack), 409, "disposed_already"),
            (.noOpenIncident, 409, "no_open_incident"),
            (.notRecorded("disk"), 503, "not_recorded"), (.unavailable("store"), 503, "not_read"),
        ] {
            shelf.refusal.withLock { $0 = refusal }
            let answer = await browser.call(path(0, "/disposition"), body)
            #expect(answer.status == status && answer.problem == code)
        }
    }

    @Test func `a long list is cut into pages, and a filter leaves what it names`() async throws {
        let browser = browser(AlertTriageStub(120))
        let first = await browser.get("/alerts?severity=high")
        #expect(first.text.contains("120 alerts, 1-50 shown"))
        #expect(first.text.contains("severity=high&amp;page=2"))
        #expect(await browser.get("/alerts?agent=triage").text.contains("1 alert"))
        #expect(await browser.get("/alerts?disposed=yes").text.contains("Clear filters"))
        for query in ["severity=none", "disposed=x", "agent=A%20B", "page=x"] {
            #expect(await browser.get("/alerts?\(query)").status == 400)
        }
        let page = await browser.call("/alerts?page=3&agent=refunds")
        let json = try #require(page.json)
        try AlertListing.form.shape.check(json)
        #expect(json["alerts"]?.array?.count == 19)
    }

    @Test func `the header of a column sorts the alerts, and keeps their filters`() async throws {
        let browser = browser(AlertTriageStub(120))
        let plain = await browser.get("/alerts?severity=high").text
        let address = "/alerts?severity=high&amp;sort="
        #expect(plain.ranges(of: "aria-sort").count == 1)
        #expect(plain.contains("aria-sort=\"descending\"><a href=\"\(address)at\">When</a>"))
        #expect(plain.contains("\(address)-severity\">Severity</a>"))
        #expect(plain.contains("\(address)code\">Alert</a>"))
        let sorted = await browser.get("/alerts?severity=high&sort=-agent&page=2").text
        #expect(sorted.contains("aria-sort=\"descending\"><a href=\"\(address)agent\">Agent</a>"))
        #expect(sorted.contains("120 alerts, 51-100 shown, by agent, descending"))
        #expect(sorted.contains("\(address)-agent&amp;page=3"), "pages keep it")
        #expect(sorted.contains("<input type=\"hidden\" name=\"sort\" value=\"-agent\">"))
        #expect(sorted.contains("disposed=no&amp;sort=-agent\""), "chips keep it")
        let first = try #require(await browser.call("/alerts?sort=-agent").json)
        #expect(first["alerts"]?.array?.first?["agent"]?.string == "triage")
        for query in ["sort=x", "sort=--at", "sort=At", "sort=at&sort=code"] {
            #expect(await browser.get("/alerts?\(query)").status == 400, "\(query)")
            #expect(await browser.call("/alerts?\(query)").problem == "malformed", "\(query)")
        }
        for order in AlertFilter.Sorting.texts {
            #expect(await browser.get("/alerts?sort=\(order)").status == 200, "\(order)")
            #expect(await browser.call("/alerts?sort=\(order)").status == 200, "\(order)")
        }
        // An order alone is no filter that could be cleared.
        let none = await self.browser(AlertTriageStub(0)).get("/alerts?sort=code").text
        #expect(none.contains("No alerts in the last 30 days"))
    }

    @Test func `every answer is as the document says`() async throws {
        let browser = browser()
        let story = try #require(await browser.call(path(0)).json)
        try AlertDetail.form.shape.check(story)
        let detectors = try #require(await browser.call("/detectors").json)
        #expect(detectors["detectors"]?.array?.first?["precision"]?.integer == 75)
        #expect(await Browser().call("/alerts").problem == "not_read")
        #expect(await Browser().get("/alerts").status == 404)
    }
}
