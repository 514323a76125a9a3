import InterlockAdministration
import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockSchemas
import Testing

@testable import InterlockConsole
@testable import InterlockMarkup

/// The pages of agents and of servers, and the matching API.
struct DirectoryTests {
    private static let hostile = Hostile.texts + [String(repeating: "x\u{202e}<b>&", count: 2000)]

    private func browser(_ world: DirectoryWorld, person: Int = 0) -> Browser {
        Browser(person: person, sources: world.sources)
    }

    @Test(arguments: hostile)
    func `a text of any origin stays a text on every page`(_ text: String) async {
        let plain = DirectoryWorld(text: "plain")
        let world = DirectoryWorld(text: text)
        for path in ["/agents", "/agents/clerk", "/servers", "/servers/desk"] {
            let answer = await browser(world).get(path)
            let outline = Outline(answer.response.body)
            #expect(answer.status == 200 && outline.faults == [], "\(path)")
            let allowed = Outline(await browser(plain).get(path).response.body).names
            #expect(outline.names.subtracting(allowed).isSubset(of: Self.ofShownTexts), "\(path)")
            #expect(!outline.text.unicodeScalars.contains("\u{202e}"), "\(path)")
        }
    }

    /// The elements in which text from outside is rendered.
    private static let ofShownTexts: Set<String> = ["bdi", "span", "strong", "ul", "ol", "li"]

    @Test func `what somebody does not see answers like what is not there`() async {
        let world = DirectoryWorld(text: "plain")
        for (person, status) in [(0, 200), (1, 200), (2, 404)] {
            let browser = browser(world, person: person)
            let page = await browser.get("/agents/clerk")
            #expect(page.status == status)
            if status == 404 {
                let missing = await browser.get("/agents/nobody")
                #expect(page.text == missing.text)
                let answer = await browser.call("/agents/clerk")
                #expect(answer.problem == "no_such_agent")
                #expect(answer.text == (await browser.call("/agents/nobody")).text)
                #expect(await browser.call("/agents").json?["agents"]?.array?.isEmpty == true)
            }
            #expect(await browser.get("/servers/desk").status == 200, "servers are no secret")
            #expect(await browser.get("/servers/none").status == 404)
            #expect(await browser.get("/agents/Bad%20Name").status == 404)
        }
        let stranger = Browser(person: nil, sources: world.sources)
        for path in ["/agents", "/agents/clerk", "/servers", "/servers/desk"] {
            #expect(await stranger.get(path).status == 401)
            #expect(await stranger.call(path).problem == "not_signed_in")
        }
    }

    @Test func `the API tells what the pages show, as the document says`() async throws {
        for text in Self.hostile where !text.isEmpty {
            let browser = browser(DirectoryWorld(text: text))
            for (path, shape) in [
                ("/agents", AgentListing.form.shape), ("/agents/clerk", AgentView.form.shape),
                ("/servers/desk", ServerDetail.form.shape),
            ] {
                try shape.check(try #require(await browser.call(path).json, "\(path)"))
            }
            let servers = try #require(await browser.call("/servers").json)
            try ServerStatus.form.shape.check(try #require(servers["servers"]?.array?.first))
        }
    }

    @Test func `filters that are none are refused, and pages keep the filter`() async {
        let browser = browser(DirectoryWorld(text: "plain"))
        for query in ["tier=huge", "stage=x", "state=x", "server=%3C", "page=x", "a=1&a=2"] {
            #expect(await browser.get("/agents?\(query)").status == 400, "\(query)")
            #expect(await browser.call("/agents?\(query)").problem == "malformed", "\(query)")
        }
        for query in ["tier=", "name=%3Cb%3E&page=99999999", "state=due&server=desk&page=-4"] {
            #expect(await browser.get("/agents?\(query)").status == 200, "\(query)")
        }
        let second = await browser.get("/agents?tier=high&owner=p2&page=2").text
        #expect(second.contains("/agents?owner=p2&amp;tier=high&amp;page=3"))
        let tools = await browser.get("/agents/clerk?tools=2").text
        #expect(tools.contains(".<wbr>tool51<") && !tools.contains(".<wbr>tool50<"))
    }

    @Test func `a deed needs its role, its form and this page`() async {
        let world = DirectoryWorld(text: "plain")
        for person in [1, 2] {
            let other = browser(world, person: person)
            #expect(!(await other.get("/servers/desk").text.contains("/servers/desk/release")))
            let token = await other.formToken
            let answer = await other.post(
                "/servers/desk/release", [("form_token", token), ("reason", "it+is+well")])
            #expect(answer.status == 403)
            let called = await other.call("/servers/desk/release", #"{"reason":"it is well"}"#)
            #expect(called.problem == "not_eligible")
        }
        let security = browser(world)
        #expect(await security.get("/servers/desk").text.contains("/servers/desk/release"))
        let fields = [("form_token", await security.formToken), ("reason", "it+is+well")]
        #expect(await security.post("/servers/desk/release", [fields[1]]).status == 403)
        #expect(
            await security.post("/servers/desk/release", fields, origin: "https://evil.example")
                .status == 403)
        #expect(await security.get("/servers/desk/release").status == 405)
        #expect(world.actions == [])
        let done = await security.post("/servers/desk/release", fields)
        #expect(done.status == 303 && done["location"] == "/servers/desk")
        #expect(world.actions.map(\.reason) == ["it is well"])
        #expect(world.actions.map(\.by) == [security.world.office.voter(0).pseudonym])
    }

    @Test func `a breaker is named by its tool, and what is none closes nothing`() async {
        let world = DirectoryWorld(text: "plain")
        let browser = browser(world)
        let fields = [("form_token", await browser.formToken), ("reason", "it+is+well")]
        let path = "/servers/desk/close-breaker"
        #expect(await browser.post(path, fields + [("tool", "a+b")]).status == 400)
        #expect(await browser.post(path, fields + [("tool", "look")]).status == 303)
        #expect(await browser.post(path, fields + [("tool", "")]).status == 303)
        #expect(world.actions.map { $0.tool?.description } == ["desk.look", nil])
        let answer = await browser.call(path, #"{"reason":"it is well","tool":"look"}"#)
        #expect(answer.status == 200 && world.actions.count == 3)
        #expect(
            await browser.call(path, #"{"reason":"it is well","tool":"a b"}"#).problem
                == "malformed")
    }

    @Test func `why nothing was done stands on the page`() async {
        let world = DirectoryWorld(text: "plain")
        let browser = browser(world)
        for (refusal, status, code) in [
            (ServerRefusal.quarantine(.drift(["<b>look</b>"])), 409, "drifted"),
            (.quarantine(.notQuarantined(DirectoryWorld.desk)), 409, "not_quarantined"),
            (.quarantine(.notKept("disk")), 503, "not_kept"),
            (.quarantine(.reason), 400, "malformed"),
            (.notEligible(.release), 403, "not_eligible"),
            (.noOpenBreaker, 409, "no_open_breaker"),
            (.notRecorded("audit.full"), 503, "not_recorded"),
        ] {
            world.refuse(refusal)
            let answer = await browser.post(
                "/servers/desk/release",
                [("form_token", await browser.formToken), ("reason", "it+is+well")])
            #expect(answer.status == status && answer.text.contains("Nothing was done"))
            #expect(!answer.text.contains("<b>look"))
            let called = await browser.call("/servers/desk/release", #"{"reason":"it is well"}"#)
            #expect(called.status == status && called.problem == code)
        }
    }

    @Test func `without a gateway there are no such pages`() async {
        let browser = Browser()
        #expect(await browser.get("/agents").status == 404)
        #expect(await browser.get("/servers/desk").status == 404)
        #expect(await browser.call("/agents").problem == "not_read")
        #expect(await browser.call("/servers").problem == "not_read")
    }
}

extension Outline {
    /// The distinct names of elements.
    fileprivate var names: Set<String> {
        Set(tags.map { String($0.split(separator: " ")[0].drop { $0 == "/" }) })
    }
}
