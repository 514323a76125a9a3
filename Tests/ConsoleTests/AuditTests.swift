import InterlockAdministration
import InterlockConsoleWorld
import InterlockEvidence
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
@testable import InterlockMarkup

/// Records on pages and in the API.
struct AuditTests {
    private let shelf = EvidenceShelf()
    private var browser: Browser { Browser(sources: shelf.sources) }

    private let denial: JSONObject = [
        "dec": "deny", "code": "policy.no_grant", "rule": "no-grant",
        "call": "01kag0qf1a2b3c4d5e6f7g8h9j",
        "at": "agents/refunds.yaml:12:5", "tool": "crm__delete_customer",
    ]

    @Test func `nobody reads without a session, and nothing is there without a log`() async {
        let stranger = Browser(person: nil, sources: shelf.sources)
        for path in ["/audit", "/audit/1", "/audit/1/proof", "/audit/records.tar"] {
            #expect(await stranger.get(path).status == 401)
            #expect(await Browser().file(path).status == 404)
        }
        #expect(await stranger.call("/records").problem == "not_signed_in")
        #expect(await Browser().call("/records").problem == "not_read")
    }

    @Test(arguments: [
        "/audit/", "/audit/x", "/audit/01", "/audit/-1", "/audit/1/x", "/audit/1/proof/x",
        "/audit/18446744073709551616",
    ])
    func `what is no record is no page`(_ path: String) async {
        #expect(await browser.get(path).status == 404)
    }

    @Test func `rows are shown with their proof, and what has none as not proved`() async throws {
        let record = try EvidenceShelf.record(12, .callDenied, denial)
        shelf.state.withLock { $0.rows = [.unproved(13), .proved(record)] }
        let page = await browser.get("/audit")
        #expect(page.status == 200)
        #expect(page.text.contains("Record 12: Proved and cosigned"))
        #expect(page.text.contains("Record 13: Not proved"))
        #expect(page.text.contains("Call denied") && page.text.contains("policy.no_grant"))
        #expect(page.text.contains("No grant of the agent covers this tool."))
        let answer = try #require(await browser.call("/records").json)
        try RecordFinding.form.shape.check(answer)
        #expect(answer["unproved"]?.array?.first?.integer == 13)
        #expect(answer["records"]?.array?.first?["hash"]?.string == record.hash.base64)
    }

    @Test func `an index that is down or behind is said`() async throws {
        shelf.state.withLock {
            $0.fault = "the index <b> is damaged"
            $0.unsearched = 10..<90
        }
        let page = await browser.get("/audit").text
        #expect(page.contains("The index is not used") && page.contains("&lt;b&gt;"))
        #expect(page.contains("Index behind. Records 10 to 89 were not searched"))
        let record = try EvidenceShelf.record(12, .callDenied, denial)
        shelf.state.withLock { $0.rows = [.proved(record)] }
        #expect(await browser.get("/audit/12").text.contains("Records 10 to 89"))
        let answer = try #require(await browser.call("/records").json)
        #expect(answer["unsearched_from"]?.integer == 10 && answer["fault"] != nil)
    }

    @Test func `a search asks for what was written, by page and API alike`() async throws {
        let query =
            "agent=refunds&owner=li%40acme.example&tool=crm.x&type=call.denied&decision=deny"
            + "&rule=r&code=policy.no_grant&run=\(EvidenceShelf.run.text)&day=2026-11-20"
        _ = await browser.get("/audit?" + query + "&subject=ann%40acme.example")
        _ = await browser.call("/records?" + query + "&subject=ann%40acme.example")
        let asked = shelf.state.withLock { $0.asked }
        #expect(asked.count == 2 && asked[0] == asked[1])
        #expect(asked[0].owner == Person("li@acme.example") && asked[0].run == EvidenceShelf.run)
        #expect(asked[0].since == Timestamp(rfc3339: "2026-11-20T00:00:00Z"))
        #expect(asked[0].until == Timestamp(rfc3339: "2026-11-21T00:00:00Z"))
        #expect(asked[0].subject == Person("ann@acme.example").map { .person($0) })
    }

    @Test(arguments: [
        "owner=x", "day=x", "since=x", "day=2026-11-20&since=2026-11-20", "run=x", "decision=x",
        "since=2026-11-20&until=2026-11-19", "before=x", "nothing=x", "subject=x",
    ])
    func `what cannot be meant is said, and nothing is searched`(_ query: String) async {
        #expect(await browser.get("/audit?" + query).status == 400)
        #expect(await browser.call("/records?" + query).problem == "malformed")
        #expect(shelf.state.withLock { $0.asked } == [])
    }

    @Test func `a list goes on where the page ended`() async throws {
        let rows = try (0..<60).reversed().map {
            RecordFinding.Row.proved(try EvidenceShelf.record($0))
        }
        shelf.state.withLock { $0.rows = rows }
        let first = await browser.get("/audit?agent=refunds").text
        #expect(first.contains("/audit?agent=refunds&amp;before=10") && !first.contains("/audit/9"))
        let second = await browser.get("/audit?agent=refunds&before=10").text
        #expect(second.contains("/audit/9\"") && !second.contains("Older"))
        let answer = await browser.call("/records?limit=5").json
        #expect(answer?["records"]?.array?.count == 5 && answer?["next"]?.string == "55")
    }

    @Test func `why a call was refused is said in plain words`() async throws {
        shelf.state.withLock { state in
            state.rows = []
            state.payloads = [
                DisplayedPayload(
                    field: "in",
                    answer: .opened(Array(#"{"decision":{"detail":"calls 5/5 in 60 s"}}"#.utf8)))
            ]
        }
        let record = try EvidenceShelf.record(12, .callDenied, denial)
        shelf.state.withLock { $0.rows = [.proved(record)] }
        let page = await browser.get("/audit/12").text
        #expect(page.contains("No grant of the agent covers this tool."))
        #expect(page.contains("agents/refunds.yaml:12:5") && page.contains("no-grant"))
        #expect(page.contains("elevation") && page.contains("calls 5/5 in 60 s"))
        #expect(page.contains("<h2>Decision input "), "a payload has a name, its field beside")
        let answer = try #require(await browser.call("/records/12").json)
        try RecordEvidence.form.shape.check(answer)
        #expect(answer["why"]?.string == "No grant of the agent covers this tool.")
    }

    @Test func `payloads of any text stay text, and those that are gone say so`() async throws {
        let long = String(repeating: "<b>&\u{202e}", count: 2000)
        var payloads = (Hostile.texts + [long]).map { text in
            DisplayedPayload(
                field: String(("f" + text).prefix(64)),
                answer: .opened(JSONValue.string(text).serialized()))
        }
        payloads += [
            DisplayedPayload(field: "gone", answer: .erased),
            DisplayedPayload(field: "lost", answer: .missing(.blob)),
            DisplayedPayload(field: "bad", answer: .bad(.content)),
        ]
        var hostile = denial
        for (place, text) in Hostile.texts.enumerated() { hostile["x\(place)"] = .string(text) }
        hostile["rule"] = .string(Hostile.texts[0])
        hostile["code"] = .string(Hostile.texts[1])
        hostile["agent"] = .string(Hostile.texts[2])
        let record = try EvidenceShelf.record(12, .callDenied, hostile)
        shelf.state.withLock { state in
            state.rows = [.proved(record)]
            state.payloads = payloads
        }
        for path in ["/audit", "/audit/12"] {
            let page = await browser.get(path)
            #expect(page.status == 200)
            let faults = Outline(page.response.body).faults
            #expect(faults == [], "\(path)")
            for mark in ["<script>document", "<img", "<b>", "\u{202e}", "\u{1b}"] {
                #expect(!page.text.contains(mark), "\(path): \(mark)")
            }
        }
        let page = await browser.get("/audit/12").text
        #expect(
            page.contains("Erased.") && page.contains("Not here:") && page.contains("Not shown:"))
        let answer = try #require(await browser.call("/records/12").json)
        try RecordEvidence.form.shape.check(answer)
    }

    @Test func `whoever may not read payloads is told so, and gets none`() async throws {
        let record = try EvidenceShelf.record(12, .callDenied, denial)
        shelf.state.withLock { state in
            state.rows = [.proved(record)]
            state.payloads = nil
        }
        #expect(await browser.get("/audit/12").text.contains("Arguments and results require"))
        #expect(await browser.call("/records/12").json?["payloads"] == nil)
    }

    @Test(arguments: [
        ("/audit/12/proof", "record-12.tlog-proof"), ("/audit/12/record", "record-12.json"),
        ("/audit/records.tar?agent=refunds", "records.tar"),
    ])
    func `files are kept and never shown`(_ path: String, _ name: String) async {
        let file = await browser.file(path)
        #expect(file.status == 200 && file["content-type"] == "application/octet-stream")
        #expect(file["content-disposition"] == "attachment; filename=\"\(name)\"")
        #expect(file["x-content-type-options"] == "nosniff" && file["cache-control"] == "no-store")
        #expect(file["content-security-policy"] == SecurityHeaders.policy)
    }

    @Test(arguments: [
        (EvidenceRefusal.noSuchRecord, 404, "no_such_record"), (.noSuchRun, 404, "no_such_run"),
        (.busy, 503, "not_read"), (.tooMany(.milliseconds(1_500)), 429, "too_many"),
        (.tooLarge("too many records"), 413, "too_large"),
        (.unreadable("the log <b> is damaged"), 503, "not_read"),
        (.notRecorded("audit.full"), 503, "not_recorded"),
    ])
    func `what is refused shows nothing and says why`(
        _ refusal: EvidenceRefusal, _ status: Int, _ code: String
    ) async throws {
        let record = try EvidenceShelf.record(12, .callDenied, denial)
        shelf.state.withLock { state in
            state.rows = [.proved(record)]
            state.refusal = refusal
        }
        for path in ["/audit", "/audit/12", "/audit/12/proof", "/audit/records.tar"] {
            let answer = await browser.file(path)
            #expect(answer.status == status && !answer.text.contains("no-grant"))
            #expect(answer["content-disposition"] == nil)
        }
        for path in ["/records", "/records/12", "/records/12/proof", "/records/12/leaf"] {
            #expect(await browser.call(path).problem == code)
        }
    }
}
