import InterlockApprovals
import InterlockConsoleWorld
import InterlockGovernor
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSchemas
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
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

    @Test func `who sees no agent reads that, and not that there is none`() async {
        let world = DirectoryWorld(text: "plain")
        let hidden = await browser(world, person: 2).get("/agents").text
        #expect(hidden.contains("badge unknown") && hidden.contains("No access to agents"))
        #expect(hidden.contains(AgentsPage.noAccess))
        #expect(!hidden.contains("0 agents") && !hidden.contains("All (0)"))
        let shown = await browser(world).get("/agents").text
        #expect(shown.contains("101 agents") && !shown.contains("No access"))
    }

    @Test func `a server whose tools no lock pins is not green`() throws {
        func page(pins: Int?) throws -> String {
            let server = ServerStatus(
                name: try #require(ServerName("a")),
                state: .ready(ServerStatus.Offered(tools: 1)), pins: pins)
            let page = ServersPage(servers: [server], page: 1)
            let html = HTML.group([page.header.html(at: nil)] + page.content)
            return String(decoding: html.bytes, as: UTF8.self)
        }
        let open = try page(pins: nil)
        #expect(open.contains("1 not pinned") && open.contains("ready, not pinned"))
        #expect(!open.contains("badge good"))
        let pinned = try page(pins: 1)
        #expect(pinned.contains("badge good") && !pinned.contains("not pinned"))
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
        for query in [
            "tier=huge", "stage=x", "state=x", "server=%3C", "page=x", "a=1&a=2", "sort=x",
            "sort=--name", "sort=Name", "sort=name&sort=tier",
        ] {
            #expect(await browser.get("/agents?\(query)").status == 400, "\(query)")
            #expect(await browser.call("/agents?\(query)").problem == "malformed", "\(query)")
        }
        for query in [
            "tier=", "sort=", "name=%3Cb%3E&page=99999999", "state=due&server=desk&page=-4",
        ] {
            #expect(await browser.get("/agents?\(query)").status == 200, "\(query)")
        }
        let second = await browser.get("/agents?tier=high&owner=p2&page=2").text
        #expect(second.contains("/agents?owner=p2&amp;tier=high&amp;page=3"))
        let tools = await browser.get("/agents/clerk?tools=2").text
        #expect(tools.contains(".<wbr>tool51<") && !tools.contains(".<wbr>tool50<"))
    }

    @Test func `the header of a column sorts the list, and keeps its filters`() async throws {
        let browser = browser(DirectoryWorld(text: "plain"))
        let plain = await browser.get("/agents?tier=high&page=2").text
        #expect(plain.ranges(of: "aria-sort").count == 1)
        #expect(
            plain.contains("aria-sort=\"ascending\"><a href=\"/agents?tier=high&amp;sort=-name\">"))
        #expect(plain.contains("/agents?tier=high&amp;sort=-denied\">Last hour</a>"))
        #expect(plain.contains("/agents?tier=high&amp;sort=owner\">Owner</a>"))
        let sorted = await browser.get("/agents?tier=high&sort=-denied&page=2").text
        #expect(sorted.ranges(of: "aria-sort").count == 1)
        #expect(
            sorted.contains(
                "aria-sort=\"descending\"><a href=\"/agents?tier=high&amp;sort=denied\">Last hour</a>"
            ))
        #expect(sorted.contains("Agents, by calls denied in the last hour, descending"))
        #expect(sorted.contains("/agents?tier=high&amp;sort=-denied&amp;page=3"), "pages keep it")
        #expect(
            sorted.contains("<input type=\"hidden\" name=\"sort\" value=\"-denied\">"),
            "the form keeps it")
        #expect(sorted.contains("state=stopped&amp;sort=-denied\""), "and so do the chips")
        for order in AgentFilter.Sorting.texts {
            #expect(await browser.get("/agents?sort=\(order)").status == 200, "\(order)")
            #expect(await browser.call("/agents?sort=\(order)").status == 200, "\(order)")
        }
    }

    @Test func `the header of a column sorts the servers, and keeps their state`() async throws {
        let browser = browser(DirectoryWorld(text: "plain"))
        let plain = await browser.get("/servers?state=quarantined").text
        let address = "/servers?state=quarantined&amp;sort="
        #expect(plain.ranges(of: "aria-sort").count == 1)
        #expect(plain.contains("aria-sort=\"ascending\"><a href=\"\(address)-server\">Server</a>"))
        #expect(plain.contains("\(address)-pins\">Pins</a>"))
        let sorted = await browser.get("/servers?state=quarantined&sort=-pins").text
        #expect(sorted.contains("aria-sort=\"descending\"><a href=\"\(address)pins\">Pins</a>"))
        #expect(sorted.contains("Servers, by pins, descending"))
        #expect(sorted.contains("href=\"/servers?sort=-pins\""), "chips keep it")
        for query in ["sort=x", "sort=-", "sort=Pins", "sort=pins&sort=state"] {
            #expect(await browser.get("/servers?\(query)").status == 400, "\(query)")
            #expect(await browser.call("/servers?\(query)").problem == "malformed", "\(query)")
        }
        for order in ServerStatus.Sorting.texts {
            #expect(await browser.get("/servers?sort=\(order)").status == 200, "\(order)")
            #expect(await browser.call("/servers?sort=\(order)").status == 200, "\(order)")
        }
    }

    @Test func `servers are ordered by each column`() throws {
        func server(_ name: String, _ state: ServerStatus.State, pins: Int?, hidden: Int) throws
            -> ServerStatus
        {
            ServerStatus(
                name: try #require(ServerName(name)), state: state, pins: pins,
                hidden: (0..<hidden).map { HiddenTool(name: "\($0)", reason: "x") })
        }
        let servers = try [
            server("a", .ready(ServerStatus.Offered(tools: 1)), pins: 2, hidden: 0),
            server("b", .quarantined(.person("x")), pins: nil, hidden: 3),
            server("c", .connecting, pins: 7, hidden: 0),
        ]
        func names(_ order: String) -> String {
            servers.ordered(by: ServerStatus.Sorting(order)).map(\.name.text).joined()
        }
        #expect(names("-server") == "cba" && servers.ordered(by: nil) == servers)
        #expect(names("state") == "bca" && names("-state") == "acb")
        #expect(names("pins") == "acb" && names("-pins") == "cab")
        #expect(names("hidden") == "acb" && names("-hidden") == "bac")
        #expect(names("-breakers") == "abc")
    }

    private static let release = ##"{"deed":"release","server":"desk","reason":"it is well"}"##

    @Test func `the forms of a server's actions are for their roles, and draft what was chosen`()
        async
    {
        let world = DirectoryWorld(text: "plain")
        for person in [1, 2] {
            let text = await browser(world, person: person).get("/servers/desk").text
            #expect(!text.contains("order=\"server\""))
        }
        let security = Browser(hasEntry: true, sources: world.sources)
        let text = await security.get("/servers/desk").text
        #expect(text.contains("Release server") && text.contains("Test circuit breaker"))
        #expect(!text.contains("Quarantine server"))
        #expect(await security.post("/servers/desk/release", []).status == 404)
        #expect(await security.call("/servers/desk/release", Self.release).status == 404)
        let path = "/server-orders/draft"
        let release = await security.call(path, Self.release)
        #expect(release.json?["payloadType"]?.string == PayloadType.server.text)
        for tool in [#""tool":"look","#, ""] {
            let body = ##"{"deed":"close_breaker",\##(tool)"server":"desk","reason":"it is well"}"##
            #expect(await security.call(path, body).status == 200)
        }
        #expect(world.drafts.map(\.action) == [.release, .closeBreaker, .closeBreaker])
        #expect(world.drafts.map { $0.tool?.description } == [nil, "desk.look", nil])
        let odd = ##"{"deed":"close_breaker","tool":"a b","server":"desk","reason":"it is well"}"##
        #expect(await security.call(path, odd).problem == "malformed")
    }

    @Test func `why nothing was done is the answer`() async {
        let world = DirectoryWorld(text: "plain")
        let browser = Browser(hasEntry: true, sources: world.sources)
        for (refusal, status, code) in [
            (ServerRefusal.quarantine(.drift(["<b>look</b>"])), 409, "drifted"),
            (.quarantine(.notQuarantined(DirectoryWorld.desk)), 409, "not_quarantined"),
            (.quarantine(.notKept("disk")), 503, "not_kept"),
            (.quarantine(.reason), 400, "malformed"),
            (.notEligible(.release), 403, "not_eligible"),
            (.order(.missingRole(.security)), 403, "not_eligible"),
            (.staleOrder, Problem(.staleOrder, "").kind.status, "stale_order"),
            (.noOpenBreaker, 409, "no_open_breaker"),
            (.notRecorded("audit.full"), 503, "not_recorded"),
        ] {
            world.refuse(refusal)
            let called = await browser.call("/server-orders/draft", Self.release)
            #expect(called.status == status && called.problem == code)
        }
    }

    @Test func `what differs is shown before and after, with what the lock would get`() async {
        let world = DirectoryWorld(text: "a\u{200b}b")
        let text = await Browser(hasEntry: true, sources: world.sources).get("/servers/desk").text
        let outline = Outline(Array(text.utf8)).text
        for words in [
            "Before", "After", "Description", "Accept what changed",
            "interlock servers pin desk --accept --as p1@acme.example", "Added", "Removed",
        ] { #expect(outline.contains(words), "\(words)") }
        #expect(!text.unicodeScalars.contains("\u{200b}"))
    }

    @Test(arguments: ["", "x"]) func `of long texts the part that differs is shown`(_ end: String) {
        let same = String(repeating: "same ", count: 2_000)
        let value = ServerText.value(
            .string(same + "OLD" + end), beside: .string(same + "NEW"))
        let shown = Outline(HTML.group(value).bytes).text
        #expect(shown.contains("OLD") && shown.contains("after 9900 characters"))
        #expect(ServerText.value(nil).count == 1)
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
