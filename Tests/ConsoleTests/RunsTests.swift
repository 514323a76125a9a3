import InterlockAdministration
import InterlockConsoleWorld
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockSchemas
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// Runs on pages and in the API.
struct RunsTests {
    private let shelf = EvidenceShelf()
    private var browser: Browser { Browser(sources: shelf.sources) }
    private let path = "/runs/\(EvidenceShelf.run.text)"

    private func play() throws {
        let steps = [
            try EvidenceShelf.step(1, .runStart),
            try EvidenceShelf.step(
                2, .runInput, ["src": "user"],
                [DisplayedPayload(field: "text", answer: .opened(Array(Hostile.texts[0].utf8)))]),
            try EvidenceShelf.step(
                3, .callIntent,
                [
                    "dec": "allow", "rule": "controls.read", "tool": "crm__get",
                    "at": "org.yaml:3:1",
                ],
                [DisplayedPayload(field: "args", answer: .opened(Array(#"{"id":"C-77"}"#.utf8)))]),
            try EvidenceShelf.step(
                4, .callOutcome, ["st": "ok", "dur": 287_000],
                [DisplayedPayload(field: "res", answer: .erased)]),
        ]
        shelf.state.withLock { $0.steps = steps }
    }

    @Test func `nobody reads without a session, and nothing is there without a log`() async {
        let stranger = Browser(person: nil, sources: shelf.sources)
        for path in ["/runs", path, path + "/bundle"] {
            #expect(await stranger.get(path).status == 401)
            #expect(await Browser().file(path).status == 404)
        }
        #expect(await stranger.call("/runs").problem == "not_signed_in")
        #expect(await Browser().call("/runs").problem == "not_read")
        for path in ["/runs/", "/runs/x", "/runs/\(EvidenceShelf.run.text)/x"] {
            #expect(await browser.get(path).status == 404)
        }
    }

    @Test(.requirement("R114"))
    func `a list says of each run whose it is, since when, what it did and its state`()
        async throws
    {
        let page = await browser.get("/runs").text
        for words in [
            "..\(EvidenceShelf.run.text.suffix(6))", "refunds", "li@acme.example",
            "open, 1 in flight", "stopped by",
            "not known", "QLXTbNQ1YTnI03wFjLK7rw==", "Record 77",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(!page.contains("<script>document"))
        _ = await browser.get("/runs?show=all&agent=refunds&owner=li%40acme.example")
        _ = await browser.call("/runs?show=all&agent=refunds&owner=li%40acme.example")
        let asked = shelf.state.withLock { $0.askedRuns }
        #expect(asked[0].isOpen && !asked[1].isOpen && asked[1] == asked[2])
        #expect(asked[1].agent == "refunds" && asked[1].owner == Person("li@acme.example"))
        let answer = try #require(await browser.call("/runs?show=all").json)
        try RunListing.form.shape.check(answer)
        #expect(
            answer["next"]?.string == "40"
                && answer["runs"]?.array?.last?["state"]?.string == "halted")
        for query in ["show=x", "owner=x", "before=x", "more=x"] {
            #expect(await browser.get("/runs?" + query).status == 400)
            #expect(await browser.call("/runs?" + query).problem == "malformed")
        }
    }

    @Test func `the header of a column sorts open runs, and keeps their filters`() async throws {
        let address = "/runs?show=open&amp;agent=refunds&amp;sort="
        let plain = await browser.get("/runs?agent=refunds").text
        #expect(plain.ranges(of: "aria-sort").count == 1)
        #expect(plain.contains("aria-sort=\"descending\"><a href=\"\(address)since\">Started</a>"))
        #expect(plain.contains("\(address)-state\">State</a>"))
        let sorted = await browser.get("/runs?agent=refunds&sort=-agent&before=50").text
        #expect(sorted.contains("aria-sort=\"descending\"><a href=\"\(address)agent\">Agent</a>"))
        #expect(sorted.contains("Runs, by agent, descending"))
        #expect(sorted.contains("<input type=\"hidden\" name=\"sort\" value=\"-agent\">"))
        #expect(shelf.state.withLock { $0.askedRuns.last?.order?.text } == "-agent")
        let all = await browser.get("/runs?show=all").text
        #expect(!all.contains("aria-sort") && !all.contains("sort="), "the log has one order")
        for query in [
            "sort=x", "sort=--agent", "sort=calls", "sort=agent&sort=owner",
            "show=all&sort=agent", "sort=agent&before=\(EvidenceShelf.run.text)",
        ] {
            #expect(await browser.get("/runs?" + query).status == 400, "\(query)")
            #expect(await browser.call("/runs?" + query).problem == "malformed", "\(query)")
        }
        for order in RunQuery.Sorting.texts {
            #expect(await browser.get("/runs?sort=\(order)").status == 200, "\(order)")
            #expect(await browser.call("/runs?sort=\(order)").status == 200, "\(order)")
        }
    }

    @Test func `the link to more runs keeps the order`() throws {
        var form = try RunsForm(["sort": "agent", "agent": "refunds"])
        func pager() -> String {
            let page = RunsPage(
                form: form,
                found: RunListing(
                    runs: [EvidenceShelf.line], unproved: [], next: "50", fault: nil))
            return String(decoding: HTML.group(page.content).bytes, as: UTF8.self)
        }
        #expect(
            pager().contains("/runs?show=open&amp;agent=refunds&amp;sort=agent&amp;before=50"))
        form = try RunsForm([:])
        #expect(pager().contains("/runs?show=open&amp;before=50"))
    }

    @Test func `an empty list says nothing to a person who sees no agent`() throws {
        func page(seesAgents: Bool) throws -> String {
            let page = RunsPage(
                form: try RunsForm([:]),
                found: RunListing(runs: [], unproved: [], next: nil, fault: nil),
                seesAgents: seesAgents)
            let html = HTML.group([page.header.html(at: nil)] + page.content)
            return String(decoding: html.bytes, as: UTF8.self)
        }
        let blind = try page(seesAgents: false)
        #expect(blind.contains("badge unknown") && blind.contains("No access to runs"))
        #expect(!blind.contains("0 open runs") && !blind.contains("No runs are open"))
        let seeing = try page(seesAgents: true)
        #expect(seeing.contains("0 open runs") && seeing.contains("No runs are open"))
    }

    @Test func `a run is told from the prompt to the result`() async throws {
        try play()
        let page = await browser.get(path)
        #expect(page.status == 200 && Outline(page.response.body).faults == [])
        for words in [
            "Prompt", "from", "Call allowed", "crm__get", "org.yaml:3:1", "C-77", "287 ms",
            "Erased.",
            "/audit/3", "7, 2 denied",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        #expect(!page.text.contains("<script>document"))
        let answer = try #require(await browser.call(path).json)
        try RunDetail.form.shape.check(answer)
        let call = try #require(answer["steps"]?.array?[2])
        #expect(call["place"]?.string == "org.yaml:3:1")
        #expect(call["content"]?["text"]?.string == #"{"id":"C-77"}"#)
    }

    @Test func `calls are bars on one line of time, without long pauses`() async throws {
        func step(
            _ index: UInt64, _ type: RecordType, seconds: Int64, _ fields: JSONObject
        ) throws -> RunStep {
            var fields = fields
            fields["ts"] = .integer((ConsoleOffice.start + .seconds(seconds)).microseconds)
            return try EvidenceShelf.step(index, type, fields)
        }
        let steps = try [
            step(
                1, .callIntent, seconds: 0, ["call": "c1", "dec": "approve", "tool": "pay__send"]),
            step(2, .approvalRequested, seconds: 0, ["call": "c1"]),
            step(3, .approvalUsed, seconds: 60, ["use": "c1"]),
            step(4, .callOutcome, seconds: 62, ["call": "c1", "st": "ok"]),
            step(5, .callDenied, seconds: 7262, ["call": "c2", "code": "policy.no_grant"]),
            step(
                6, .callIntent, seconds: 7263, ["call": "c3", "dec": "allow", "tool": "crm__get"]),
        ]
        shelf.state.withLock { $0.steps = steps }
        let spans = RunSteps(steps: steps, faults: [], next: nil).spans
        #expect(spans.map(\.call) == ["c1", "c2", "c3"])
        #expect(spans[0].parts.map(\.phase) == [.people, .server])
        #expect(
            spans[0].parts.map { ($0.until - $0.from).microseconds } == [60_000_000, 2_000_000])
        #expect(
            spans.map(\.end)
                == [.result("ok"), .denied(code: "policy.no_grant"), .open])
        let page = await browser.get(path)
        #expect(page.status == 200 && Outline(page.response.body).faults == [])
        for words in [
            "1 min 2 s", "pay__send", "policy.no_grant", "Nothing for 2 h 0 min", "M0 12v-6h",
            "No end among these records", "began ",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
        let scale = TimeScale(spans, width: 300, cutWidth: 12)
        let places = [0, 60, 62, 7262, 7263].map {
            scale.place(of: ConsoleOffice.start + .seconds(Int64($0)))
        }
        #expect(places == places.sorted() && places.first == 0 && places.last == 300)
        #expect(scale.pauses.count == 1)
        // The end of the first part is 6 left of the middle of the cut, the next part 6 right of it.
        #expect(scale.cuts == [places[2] + 6] && places[3] == places[2] + 12)
        #expect(
            spans.map { scale.bars(of: $0).map(\.kind) } == [[.people, .server], [.denied], []])
    }

    @Test func `one call at one moment has a place`() throws {
        let denied = try EvidenceShelf.step(
            5, .callDenied, ["call": "c", "code": "policy.no_grant"])
        let spans = RunSteps(steps: [denied], faults: [], next: nil).spans
        let start = try #require(spans.first).start
        let scale = TimeScale(spans, width: 300, cutWidth: 12)
        #expect(scale.place(of: start) == 0)
        #expect(scale.pauses.isEmpty)
        #expect(TimeScale([], width: 300, cutWidth: 12).place(of: ConsoleOffice.start) == 300)
    }

    @Test(arguments: [
        (0, "0 ms"), (420_400, "420 ms"), (3_240_000, "3.2 s"), (725_000_000, "12 min 5 s"),
        (7_100_000_000, "1 h 58 min"), (183_600_000_000, "2 d 3 h"), (-5, "0 ms"),
    ]) func `a length of time is said in two units`(_ microseconds: Int64, _ words: String) {
        #expect(Shape.duration(.microseconds(microseconds)) == words)
    }

    @Test func `whoever may not read it sees verdicts, and no payload, record or replay`()
        async throws
    {
        try play()
        let bare = try [
            EvidenceShelf.step(1, .runStart), EvidenceShelf.step(3, .callIntent, ["dec": "allow"]),
        ]
        shelf.state.withLock { state in
            state.reads = false
            state.steps = bare
        }
        let page = await browser.get(path).text
        #expect(page.contains("allowed") && page.contains("Arguments and results require"))
        #expect(
            !page.contains("/audit/3") && !page.contains("/replay") && !page.contains("/bundle"))
        let call = try #require(await browser.call(path).json?["steps"]?.array?.last)
        #expect(call["leaf"] == nil && call["content"] == nil && call["words"] != nil)
    }

    @Test func `what is long is shown with its record alone`() async throws {
        let long = DisplayedPayload(
            field: "res", answer: .opened(Array(String(repeating: "y", count: 10_000).utf8)))
        let step = try EvidenceShelf.step(4, .callOutcome, ["st": "ok"], [long])
        shelf.state.withLock { $0.steps = [step] }
        let page = await browser.get(path).text
        #expect(page.contains("10000 bytes, shown with the record.") && !page.contains("yyyy"))
    }

    @Test func `a hole in the chain is said, and a long run has pages`() async throws {
        let steps = try (0..<120).map { try EvidenceShelf.step($0, .callUnknown, ["why": "crash"]) }
        shelf.state.withLock { state in
            state.steps = steps
            state.stepFaults = ["run `x` has a hole before record 9"]
        }
        let page = await browser.get(path).text
        #expect(page.contains("has a hole") && page.contains("\(path)?from=50"))
        #expect(await browser.get(path + "?from=100").text.contains("record 119"))
        for query in ["?from=x", "?from=-1", "?more=1"] {
            #expect(await browser.get(path + query).status == 400)
        }
        #expect(await browser.call(path + "?from=100").json?["steps"]?.array?.count == 20)
    }

    @Test func `a replay is a form of this session, and its result is shown`() async throws {
        try play()
        let differing = DecisionAgain(
            index: 3, type: "call.intent", call: "01kag0qf1a2b3c4d5e6f7g8h9j", field: "in",
            summary: nil, otherBuild: nil, result: .gone(Hostile.texts[0]))
        let same = DecisionAgain(
            index: 2, type: "call.intent", call: "01kag0qf1a2b3c4d5e6f7g8h9j", field: "in",
            summary: nil, otherBuild: nil, result: .equal)
        shelf.state.withLock { $0.report = .decisions(DecisionsReport([same, differing])) }
        let browser = browser
        let token = await browser.formToken
        #expect(await browser.get(path + "/replay").status == 405)
        let foreign = await browser.post(path + "/replay", [("level", "R1"), ("form_token", "x")])
        #expect(foreign.status == 403)
        let again = await browser.post(
            path + "/replay", [("level", "R1"), ("form_token", token)])
        #expect(again.status == 200)
        #expect(again.text.contains("2 decisions re-evaluated, 0 differences, 1 unknown."))
        #expect(!again.text.contains("<script>document"))
        let told = await browser.post(path + "/replay", [("level", "R0"), ("form_token", token)])
        #expect(told.text.contains("4 records, each read again and proved."))
        let wrong = await browser.post(path + "/replay", [("level", "R9"), ("form_token", token)])
        #expect(wrong.status == 400)

        let answer = try #require(await browser.call(path + "/replay", #"{"level":"R1"}"#).json)
        try ReplayReport.form.shape.check(answer)
        #expect(answer["sums"]?["cannot_tell"]?.integer == 1)
        let steps = try #require(await browser.call(path + "/replay", #"{"level":"R0"}"#).json)
        try ReplayReport.form.shape.check(steps)
        #expect(await browser.call(path + "/replay", #"{"level":"R2"}"#).problem == "malformed")
    }

    @Test func `the evidence is a file`() async {
        for file in [await browser.file(path + "/bundle"), await browser.call(path + "/bundle")] {
            #expect(file.status == 200 && file.response.body == [1, 2, 3])
            #expect(
                file["content-disposition"]
                    == "attachment; filename=\"run-\(EvidenceShelf.run.text).tar\"")
        }
        #expect(await browser.call("/runs/x/bundle").problem == "no_such_run")
    }
}
