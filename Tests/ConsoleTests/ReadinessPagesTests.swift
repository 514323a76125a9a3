import InterlockConsoleWorld
import InterlockModel
import InterlockTesting
import InterlockTrust
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The readiness of agents and of the organisation on pages.
@Suite(.requirement("R149")) struct ReadinessPagesTests {
    private func browser(_ readiness: ReadinessStub?, person: Int? = 0) -> Browser {
        var sources = DirectoryWorld(text: "plain").sources
        sources.readiness = readiness
        return Browser(person: person, sources: sources)
    }

    private static let whole = ReadinessStub(
        results: ReadinessCheck.allCases.map { ReadinessResult($0, .ok, "found") })

    @Test func `the page has four columns, with what is missing and what is not known`() async {
        let page = await browser(ReadinessStub()).get("/ready")
        #expect(page.status == 200)
        for words in [
            "What must hold", "How it is enforced", "Evidence", "State, and what mends it",
            "Not ready: 1 missing, 1 unknown", "Not known: Controls.",
            "the policy names no owner", "data-copy=\"interlock trust confirm clerk\"",
            "it is not known which controls have a gap", "Each agent has an owner",
            "data-copy=\"sha256:",
        ] { #expect(page.text.contains(words), "\(words)") }
        #expect(!page.text.contains("data-order"), "it is read and printed, and signs nothing")
    }

    @Test func `the page is green only if each check is ok, and never without one`() async {
        let page = await browser(Self.whole).get("/ready").text
        #expect(page.contains("Ready") && !page.contains("Not ready"))
        #expect(!page.contains("Not known:"))
        let none = await browser(ReadinessStub(results: [])).get("/ready").text
        #expect(none.contains("The gateway named no check") && !none.contains("badge good"))
        for state in [ReadinessResult.State.missing, .unknown] {
            var results = Self.whole.results
            results[3] = ReadinessResult(.owner, state, "found")
            let page = await browser(ReadinessStub(results: results)).get("/ready").text
            #expect(page.contains("Not ready: 1 \(state.rawValue)"))
        }
    }

    @Test func `it can be asked for each stage, and for no other`() async {
        for stage in ["assisted", "bounded", "full"] {
            #expect(await browser(Self.whole).get("/ready?stage=\(stage)").status == 200)
        }
        for query in ["stage=3", "stage=x", "stage=full&stage=full"] {
            #expect(await browser(Self.whole).get("/ready?\(query)").status == 400, "\(query)")
        }
        #expect(await browser(Self.whole).get("/ready/clerk").status == 404)
    }

    @Test func `it is for people who see all agents, and a console without an answer has none`()
        async
    {
        for (person, status) in [(0, 200), (1, 404), (2, 404)] {
            #expect(await browser(Self.whole, person: person).get("/ready").status == status)
        }
        #expect(await browser(Self.whole, person: nil).get("/ready").status == 401)
        #expect(await browser(nil).get("/ready").status == 404)
    }

    @Test func `an agent's page has each check with its finding and what mends it`() async {
        let page = await browser(ReadinessStub()).get("/agents/clerk").text
        for words in [
            "Checks before the agent is given more", "Not ready: 1 missing, 1 unknown",
            "the policy names no owner", "data-copy=\"interlock trust confirm clerk\"",
        ] { #expect(page.contains(words), "\(words)") }
        let bare = await browser(nil).get("/agents/clerk").text
        #expect(!bare.contains("Checks before the agent is given more"))
        let none = await browser(ReadinessStub(results: [])).get("/agents/clerk").text
        #expect(none.contains("so the agent is not ready"))
    }

    @Test func `each check has a demand, an enforcement and a name of its own`() {
        let checks = ReadinessCheck.allCases
        for words in [ReadinessLabels.name, ReadinessLabels.demand, ReadinessLabels.enforcement] {
            #expect(Set(checks.map(words)).count == checks.count)
        }
    }
}
