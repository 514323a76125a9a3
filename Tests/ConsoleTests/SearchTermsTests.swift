import InterlockAdministration
import InterlockConsoleWorld
import InterlockEvidence
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The search field of the log.
struct SearchTermsTests {
    private let shelf = EvidenceShelf()
    private var browser: Browser { Browser(sources: shelf.sources) }

    private func fault(_ text: String) -> String? {
        do throws(QueryFault) {
            _ = try SearchTerms(text)
            return nil
        } catch { return error.sentence }
    }

    @Test func `keys have values, and all else is words`() throws {
        let terms = try SearchTerms(
            " agent:refunds\tdecision:denied  since:2026-11-20T12:00:00Z no_grant Refund\n")
        #expect(terms.fields["agent"] == "refunds")
        #expect(terms.fields["decision"] == "deny")
        #expect(terms.fields["since"] == "2026-11-20T12:00:00Z")
        #expect(terms.fields.count == 3)
        #expect(terms.words == ["no_grant", "Refund"])
        #expect(try SearchTerms("").fields.isEmpty)
    }

    @Test func `what cannot be meant is said`() {
        #expect(fault("agents:x")?.contains("no key `agents`") == true)
        #expect(fault("agents:x")?.contains("decision") == true)
        #expect(fault("agent:")?.contains("no value") == true)
        #expect(fault("agent:a agent:b")?.contains("twice") == true)
        #expect(fault(":x")?.contains("no key") == true)
        #expect(fault("views:shown") != nil)
        #expect(fault(String(repeating: "x", count: 10_000))?.contains("1024 bytes") == true)
        #expect(fault("a b c d e f g h i")?.contains("at most 8 words") == true)
        #expect(fault("a b c d e f g h") == nil)
    }

    @Test func `the field shows what is searched, however the address says it`() async throws {
        for query in [
            "q=agent%3Arefunds+decision%3Adenied+odd", "agent=refunds&decision=deny&words=odd",
        ] {
            let page = await browser.get("/audit?" + query).text
            #expect(page.contains("value=\"agent:refunds decision:denied odd\""))
            #expect(page.contains("/audit?words=odd&amp;decision=deny\""))
        }
        let asked = shelf.state.withLock { $0.asked }
        #expect(asked.count == 2)
        #expect(asked[0] == asked[1])
        #expect(asked[0].agent == "refunds")
        #expect(asked[0].words == ["odd"])
        let answer = await browser.call("/records?q=agent%3Arefunds")
        #expect(answer.status == 200)
        #expect(await browser.call("/records?q=agent%3Arefunds&agent=x").problem == "malformed")
    }

    @Test(arguments: [
        "foo%3Abar", "agent%3A%E2%80%AE%D7%A9%D7%9C%D7%95%D7%9D+agent%3Ax",
        "%D7%A9%3A%3Cb%3E", "before%3A3", "day%3Ax",
    ])
    func `a fault is at the field, with what was typed`(_ typed: String) async {
        let page = await browser.get("/audit?q=" + typed)
        #expect(page.status == 400)
        #expect(page.text.contains("aria-invalid=\"true\""))
        #expect(page.text.contains("aria-describedby=\"search-error\""))
        #expect(page.text.contains("<title>Error: Audit log"))
        #expect(Outline(page.response.body).faults == [])
        #expect(!page.text.contains("<b>"))
        #expect(shelf.state.withLock { $0.asked } == [])
    }

    @Test func `a long search is refused and nothing is searched`() async {
        let page = await browser.get("/audit?q=" + String(repeating: "x", count: 10_000))
        #expect(page.status == 400)
        #expect(shelf.state.withLock { $0.asked } == [])
    }

    @Test func `a tail asks the API for the number of new records of the same search`() async throws
    {
        let rows: [RecordFinding.Row] = try [20, 14].map { .proved(try EvidenceShelf.record($0)) }
        shelf.state.withLock { $0.rows = rows }
        #expect(await browser.call("/records/newer?after=14").problem == "no_such_record")
        let page = await browser.get("/audit/tail?agent=refunds").text
        let source = try #require(page.firstMatch(of: /data-source="\/api\/v1([^"]*)"/))
        #expect(source.output.1 == "/records/newer?after=20&amp;views=hidden&amp;agent=refunds")
        #expect(page.contains("Stop following"))
        let query = "views=hidden&agent=refunds"
        #expect(await browser.call("/records/newer?after=14&" + query).json?["count"]?.integer == 1)
        #expect(await browser.call("/records/newer?after=20&" + query).json?["count"]?.integer == 0)
        #expect(await browser.call("/records/newer?after=20").problem == "no_such_record")
        #expect(await browser.call("/records/tail?agent=refunds").status == 200)
        #expect(await browser.get("/audit").text.contains("/audit/tail\""))
    }

    @Test func `views are left out, counted, and shown by a link`() async throws {
        let rows: [RecordFinding.Row] = try [20, 14, 11].map {
            .proved(try EvidenceShelf.record($0))
        }
        shelf.state.withLock { $0.rows = rows }
        let page = await browser.get("/audit").text
        #expect(page.contains("7 views and ticks hidden"))
        #expect(page.contains("/audit?views=shown\""))
        #expect(page.contains("/audit/records.tar?views=hidden\""))
        // Other criteria leave out more than views.
        let narrowed = await browser.get("/audit?agent=refunds").text
        #expect(narrowed.contains("Views and ticks hidden"))
        #expect(!narrowed.contains("7 views"))
        let all = await browser.get("/audit?views=shown").text
        #expect(all.contains("Views shown"))
        #expect(all.contains("/audit/records.tar?views=shown\""))
        _ = await browser.get("/audit?type=export.made")
        _ = await browser.call("/records")
        let asked = shelf.state.withLock { $0.asked.map(\.hidesViews) }
        #expect(asked == [true, true, false, false, false])
    }
}
