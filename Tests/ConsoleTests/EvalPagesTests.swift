import InterlockConsoleWorld
import InterlockEvals
import InterlockEvidence
import InterlockJSON
import InterlockMarkup
import InterlockModel
import InterlockPorts
import InterlockSchemas
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockChangeGate
@testable import InterlockConsole

/// The change gate on pages and in the API.
@Suite(.requirement("R116")) struct EvalPagesTests {
    private func browser(
        _ evals: EvalsStub, person: Int? = 0, text: String = "plain"
    ) -> Browser {
        var sources = DirectoryWorld(text: text).sources
        sources.evals = evals
        return Browser(person: person, sources: sources)
    }

    @Test func `the list has each agent with its verdict, last result, flags and end`() async {
        let page = await browser(EvalsStub()).get("/evals")
        #expect(page.status == 200)
        for words in [
            "101 refused", "No result covers the agent as it is.", "safety 41/41",
            "utility 39/40, 97.5 %, 95 % interval 87.1 to",
            "T03, T13", "href=\"/agents/clerk\"", "How an agent passes", "/evals?page=2",
        ] {
            #expect(page.text.contains(words), "\(words)")
        }
    }

    @Test func `nothing is green of a result that does not count for the agent as it is`() throws {
        let viewer = Visibility(operator: try #require(Person("p1@acme.example")))
        func html(_ evals: EvalsStub) -> String {
            let page = EvalsPage(
                listing: evals.agents(in: nil, page: 1, for: viewer), state: nil, seesSome: true)
            let html = HTML.group([page.header.html(at: nil)] + page.content)
            return String(decoding: html.bytes, as: UTF8.self)
        }
        #expect(!html(EvalsStub()).contains("badge good"))
        #expect(!html(EvalsStub(state: .observed)).contains("badge good"))
        let served = html(EvalsStub(state: .served, fact: .passed))
        #expect(served.contains("101 agents passed") && served.contains("badge good"))
    }

    @Test func `a time after an upgrade is named, and what is excepted too`() async {
        let page = await browser(EvalsStub(state: .ending, isExcepted: true)).get("/evals").text
        #expect(page.contains("Agents without a result are refused from"))
        #expect(page.contains("101 agents to test soon") && page.contains("excepted"))
    }

    @Test func `filters that are none are refused, and an empty list says why`() async {
        let browser = browser(EvalsStub())
        for query in ["state=x", "page=x", "state=refused&state=ending"] {
            #expect(await browser.get("/evals?" + query).status == 400, "\(query)")
            #expect(await browser.call("/evals?" + query).problem == "malformed", "\(query)")
        }
        #expect(await browser.get("/evals?state=&page=99999999").status == 200)
        let none = await browser.get("/evals?state=served").text
        #expect(none.contains("No match.") && none.contains("href=\"/evals\""))
        #expect(await browser.get("/evals/clerk").status == 404)
    }

    @Test func `an agent's page has its parts, results, impact and the next commands`() async {
        let page = await browser(EvalsStub()).get("/agents/clerk").text
        for words in [
            "Fingerprint by part", "computed from policy and lock", "changed",
            "the last result: nothing is listed", "Results, the newest first", "policy, tools",
            "The newest 1 of 40 are shown.", "the same in the last results of", "and 29 more",
            "/agents?server=desk", "interlock eval report --impact skill:NAME",
            "data-copy=\"interlock eval run clerk --sign KEY\"",
            "data-copy=\"interlock eval gate --submit FILE\"", "interlock eval except clerk",
            "None: what its client says is accepted at tier low",
            "at most 4.9 % of agent trials fail",
        ] {
            #expect(page.contains(words), "\(words)")
        }
        #expect(!page.contains("--starter"))
        let first = await browser(EvalsStub(hasResult: false)).get("/agents/clerk").text
        for words in [
            "No result of it is on record.", "interlock eval run clerk --starter --sign KEY",
            "no result states it", "No other agent that you see has a result",
        ] {
            #expect(first.contains(words), "\(words)")
        }
        let high = await browser(EvalsStub(hasResult: false, tier: .high)).get("/agents/clerk").text
        #expect(high.contains("A release manifest, or the measurement of interlock run"))
        #expect(high.contains("interlock eval run clerk --sign KEY") && !high.contains("--starter"))
        let observed = await browser(EvalsStub(state: .observed)).get("/agents/clerk").text
        #expect(!observed.contains("What to run next"))
    }

    @Test func `lists of agents warn of those that the gate refuses, and of no other`() async {
        let refused = await browser(EvalsStub()).get("/agents").text
        #expect(refused.contains("refused by evals"))
        let ending = await browser(EvalsStub(state: .ending)).get("/agents").text
        #expect(ending.contains("evals end soon") && !ending.contains("refused by evals"))
        for state in [GateOutlook.State.served, .observed] {
            let page = await browser(EvalsStub(state: state)).get("/agents").text
            #expect(!page.contains("evals end soon") && !page.contains("refused by evals"))
        }
    }

    @Test func `a text of any origin stays a text`() async {
        let plain = EvalsStub(text: "plain", isExcepted: true)
        // A runner and a reason are never empty, and a reason is not short.
        for one in Hostile.texts where !one.isEmpty {
            let text = one + ", as stated"
            let hostile = EvalsStub(text: text, isExcepted: true)
            for path in ["/evals", "/agents/clerk"] {
                let answer = await browser(hostile).get(path)
                let outline = Outline(answer.response.body)
                #expect(answer.status == 200 && outline.faults == [], "\(path)")
                let allowed = Self.names(Outline(await browser(plain).get(path).response.body))
                #expect(
                    Self.names(outline).subtracting(allowed)
                        .isSubset(of: ["bdi", "span", "strong"]), "\(path): \(text)")
                #expect(!outline.text.unicodeScalars.contains("\u{202e}"), "\(path)")
            }
            let answer = await browser(hostile).call("/agents/clerk/evals").json
            #expect(answer?["exception"]?["reason"]?.string == text)
        }
    }

    private static func names(_ outline: Outline) -> Set<String> {
        Set(outline.tags.map { String($0.split(separator: " ")[0].drop { $0 == "/" }) })
    }

    @Test func `the API tells what the pages show, as the document says`() async throws {
        for evals in [
            EvalsStub(), EvalsStub(hasResult: false),
            EvalsStub(state: .ending, fact: .passed, isExcepted: true),
            EvalsStub(state: .observed),
        ] {
            let browser = browser(evals)
            let list = try #require(await browser.call("/evals").json)
            try AgentEvalListing.form.shape.check(list)
            let first = try #require(list["agents"]?.array?.first)
            #expect(first["agent"] == "clerk" && first["state"]?.string == evals.state.rawValue)
            let detail = try #require(await browser.call("/agents/clerk/evals").json)
            try AgentEvalDetail.form.shape.check(detail)
            #expect(detail["parts"]?.array?.count == 5)
            #expect((detail["fingerprint"]?.string != nil) == evals.hasResult)
        }
        let result = try #require(
            await browser(EvalsStub()).call("/agents/clerk/evals").json?["results"]?.array?.first)
        #expect(result["utility"]?["passed"] == 39 && result["safety"]?["bound95"] == "0.0487")
        #expect(result["differs"] == ["policy", "tools"] && result["gate"] == "stale")
    }

    @Test func `what a person does not see answers like what is not there`() async {
        for (person, status) in [(0, 200), (1, 200), (2, 404)] {
            let browser = browser(EvalsStub(), person: person)
            let answer = await browser.call("/agents/clerk/evals")
            #expect(answer.status == status)
            guard status == 404 else { continue }
            #expect(answer.problem == "no_such_agent")
            #expect(answer.text == (await browser.call("/agents/nobody/evals")).text)
            #expect(await browser.call("/evals").json?["agents"]?.array?.isEmpty == true)
            let hidden = await browser.get("/evals").text
            #expect(hidden.contains("No access to agents") && hidden.contains("badge unknown"))
            #expect(hidden.contains(AgentsPage.noAccess) && !hidden.contains("clerk"))
        }
        let stranger = browser(EvalsStub(), person: nil)
        #expect(await stranger.get("/evals").status == 401)
        #expect(await stranger.call("/evals").problem == "not_signed_in")
        #expect(await Browser().get("/evals").status == 404)
        #expect(await Browser().call("/evals").problem == "not_read")
    }
}
