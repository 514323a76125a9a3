import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence
@testable import InterlockMarkup

/// The rows of the palette, the acts among them, and the dialogs of each page.
struct PaletteTests {
    private let world = DirectoryWorld(text: Hostile.texts[0])

    private func browser(_ person: Int? = 0, hasEntry: Bool = true) -> Browser {
        Browser(person: person, hasEntry: hasEntry, sources: world.sources)
    }

    @Test func `untyped there are pages and acts, and all rows are links of this origin`() async {
        let rows = await browser().get("/search/list?q=")
        #expect(rows.status == 200 && rows.text.contains("id=\"palette-list\" role=\"listbox\""))
        #expect(rows.text.contains("href=\"/agents\" role=\"option\""))
        #expect(rows.text.contains("aria-label=\"Acts\"") && !rows.text.contains("More"))
        #expect(rows.text.contains("End my other sessions"))
        #expect(!rows.text.contains("<form") && !rows.text.contains("<button"))
        #expect(!rows.text.contains("href=\"http"))
    }

    @Test func `an act needs every word, and the role of its form`() async {
        let rows = await browser().get("/search/list?q=desk%20release")
        #expect(rows.text.contains("Release server desk"))
        #expect(rows.text.contains("href=\"/servers/desk\" role=\"option\""))
        #expect(!(await browser(2).get("/search/list?q=release").text.contains("Release server")))
        #expect(!(await browser().get("/search/list?q=desk%20x").text.contains("Release server")))
        let commands = await browser(hasEntry: false).get("/search/list?q=release")
        #expect(!commands.text.contains("Release server"))
    }

    @Test func `acts are in the API, and none for what is no person`() async {
        let found = await browser().call("/search?q=release&kind=acts")
        let hit = found.json?["groups"]?.array?.first?["hits"]?.array?.first
        #expect(hit?["name"]?.string == "Release server desk")
        #expect(hit?["page"]?.string == "/servers/desk")
        let service = Visibility(
            of: ServiceAccount(
                id: OrderID(milliseconds: 7, random: [UInt8](repeating: 7, count: 10)),
                name: ServiceAccountName("siem")!, role: .security))
        let acts = browser().console.api.operations.acts(
            SearchedText(""), FoundObjects(nil, for: service))
        #expect(acts.page(1).count == 0)
    }

    @Test func `acts are cut into pages across their kinds`() {
        let hits = (0..<70).map { SearchHit(name: "a\($0)") }
        let list = ActList(parts: [
            .rows([SearchRow("Stop all agents", Link("halt"))]), .rows([]),
            .named("Stop agent", hits, .agents), .named("Stop server", [], .servers),
            .named("Request access for", hits, .agents),
        ])
        let all = (1...3).flatMap { list.page($0).rows.map(\.name) }
        #expect(
            all == ["Stop all agents"] + hits.map { "Stop agent \($0.name)" }
                + hits.map { "Request access for \($0.name)" })
        #expect(list.page(3).rows.count == 41 && list.page(9).page == 3 && list.page(0).page == 1)
        #expect(list.page(2).count == 141 && list.page(2).pages == 3)
        #expect(list.page(3).rows.last?.link.text == "/agents/a69")
    }

    @Test func `what is typed is shown as text, and searched in the log where it can be`() async {
        let rows = await browser().get("/search/list?q=%3Cb%3Ex")
        #expect(rows.text.contains("&lt;b&gt;x") && !rows.text.contains("<b>"))
        #expect(await Browser(person: nil).get("/search/list?q=a").status == 401)
        let long = String(repeating: "a", count: 257)
        #expect(await browser().get("/search/list?q=\(long)").status == 400)
    }

    @Test(arguments: [
        ("refunds", "/audit?agent=refunds"), ("billing.refund", "/audit?tool=billing.refund"),
        ("call.denied", "/audit?type=call.denied"),
        ("agent:refunds decision:deny", "/audit?agent=refunds&decision=deny"),
        ("ada@acme.example", "/audit?subject=ada%40acme.example"),
        ("two words", nil), ("colour:red", nil), ("decision:maybe", nil), ("", nil),
    ])
    func `words become a search of the log`(_ words: String, _ address: String?) {
        #expect(AuditSearchLink.link(words)?.text == address)
    }

    @Test func `each section has its own key, and pages list them`() async {
        let keys = Page.Section.allCases.map { "\($0.key)" }
        #expect(Set(keys).count == keys.count)
        #expect(Set(keys).isDisjoint(with: ["g", "j", "k", "t"]))
        let page = await browser().get("/approvals").text
        #expect(
            page.contains("<dialog id=\"palette\"") && page.contains("<dialog id=\"shortcuts\""))
        #expect(page.contains("href=\"/agents\" data-key=\"a\""))
        #expect(!(await browser(nil).get("/sign-in").text.contains("<dialog")))
    }
}
