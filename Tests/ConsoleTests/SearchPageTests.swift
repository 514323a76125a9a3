import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockConsole
@testable import InterlockEvidence

/// Finds numbered agents and a hostile person; everything else is empty. Who sees no agent finds none.
private struct SearchStub: SearchQueries {
    let agents: Int

    func hits(
        _ kind: SearchKind, _ text: SearchedText, for visibility: Visibility
    ) -> [SearchHit] {
        switch kind {
        case .agents where visibility.seesAll:
            (0..<agents).map { SearchHit(name: "refunds\($0)", note: "Refunds") }
        case .people: [SearchHit(name: "p1@acme.example", note: Hostile.texts[0], isOwner: true)]
        case .rules: [SearchHit(name: "agents.a.mcp_scopes.b[0]")]
        default: []
        }
    }
}

/// The search over everything, as a page and by API.
struct SearchPageTests {
    private let office = ConsoleOffice()

    private func browser(roles: Set<Role> = [.security], agents: Int = 12) -> Browser {
        var sources = ConsoleSources.with(roles: roles, policy: PolicyShelf())
        sources.search = SearchStub(agents: agents)
        return Browser(sources: sources)
    }

    @Test func `ten of a kind are shown, and a link to all`() async {
        let browser = browser()
        let page = await browser.get("/search?q=ref")
        #expect(page.status == 200 && page.text.contains("The first 10 of 12"))
        #expect(page.text.contains("/search?q=ref&amp;kind=agents") && page.text.contains("All 12"))
        #expect(page.text.contains("/agents/refunds9\"") && !page.text.contains("refunds10"))
        #expect(page.text.contains("/policy/rules/agents.a.mcp_scopes.b%5B0%5D"))
        #expect(page.text.contains("/agents?owner=p1%40acme.example"))
        #expect(!page.text.contains("<script>document"))
        let all = await browser.get("/search?q=ref&kind=agents")
        #expect(all.text.contains("refunds11") && !all.text.contains("/agents?owner="))
        // The field of the frame has what was asked for.
        #expect(page.text.contains(#"name="q" id="search" value="ref""#))
    }

    @Test func `the field is in the frame of each page of a person, and on no other`() async {
        let browser = browser()
        for path in ["/approvals", "/policy", "/search"] {
            #expect(await browser.get(path).text.contains(#"id="search""#), "\(path)")
        }
        #expect(!(await Browser(person: nil).get("/sign-in").text.contains(#"id="search""#)))
    }

    @Test func `an object that may not be seen is not counted either`() async {
        let answer = await browser(roles: []).call("/search?q=ref")
        let kinds = answer.json?["groups"]?.array?.compactMap { $0["kind"]?.string } ?? []
        #expect(!kinds.contains("agents") && kinds.contains("people"))
        #expect(!(await browser(roles: []).get("/search?q=ref").text.contains("refunds")))
    }

    @Test func `open requests are found by those who see them, and decided ones are not`()
        async throws
    {
        let open = try office.request(1)
        let decided = try office.voted(try office.request(2), .deny, by: 1)
        let foreign = try office.request(3, voters: [2])
        let browser = browser()
        for request in [open, decided, foreign] { browser.world.put(request) }
        let tool = open.review.call.address.description
        let found = await browser.call("/search?q=\(tool)&kind=requests")
        let names = found.json?["groups"]?.array?.first?["hits"]?.array?.compactMap {
            $0["name"]?.string
        }
        #expect(names == [open.id.shown])
    }

    @Test func `a search of the policy has the kinds of the policy`() async {
        let answer = await browser().call("/search?q=policy&in=policy")
        let kinds = answer.json?["groups"]?.array?.compactMap { $0["kind"]?.string } ?? []
        #expect(kinds == ["rules", "agents", "people"])
        let pages = await browser().call("/search?q=matrix&kind=pages")
        let hit = pages.json?["groups"]?.array?.first?["hits"]?.array?.first
        #expect(hit?["name"]?.string == "Policy matrix")
        #expect(hit?["page"]?.string == "/policy/matrix")
    }

    @Test func `what our forms do not send is refused`() async throws {
        let browser = browser()
        let long = String(repeating: "a", count: 257)
        for wrong in ["q=a&kind=none", "q=a&in=none", "q=\(long)", "q=a&page=x"] {
            #expect(await browser.get("/search?\(wrong)").status == 400, "\(wrong)")
            #expect(await browser.call("/search?\(wrong)").problem == "malformed", "\(wrong)")
        }
        #expect(await browser.get("/search").text.contains("Type a part of a name"))
        #expect(await browser.call("/search").problem == "malformed")
    }
}
