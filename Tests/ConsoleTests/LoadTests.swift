import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockSchemas
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockAdministration
@testable import InterlockApprovals
@testable import InterlockConsole
@testable import InterlockEvidence

/// The approvers' load on the page and in the API.
struct LoadTests {
    /// Synthetic people; a count of 0 simulates a load that has not been read yet.
    private struct Loads: ApproverLoadQueries {
        let count: Int

        func load(page: Int, for visibility: Visibility) throws(LoadUnread) -> LoadPage {
            guard count > 0 else { throw LoadUnread() }
            let people = (0..<count).compactMap { Person("p\($0)@acme.example") }
            let seen = visibility.seesAll ? people : people.filter { $0 == visibility.person }
            let lines = seen.map {
                ApproverLoadSummary(
                    person: $0, pending: 7,
                    load: ApproverLoad(
                        decidedInWeek: 1, decidedInMonth: 3, approved: 2,
                        medianWait: .seconds(125), medianDwell: nil))
            }
            return LoadPage(
                lines: Array(lines.dropFirst((page - 1) * LoadPage.size).prefix(LoadPage.size)),
                count: lines.count)
        }
    }

    private func browser(_ count: Int, roles: Set<Role> = [.security]) -> Browser {
        var sources = ConsoleSources.with(roles: roles)
        sources.load = Loads(count: count)
        return Browser(sources: sources)
    }

    @Test(.requirement("R146")) func `a page and the API tell the same, cut into pages`()
        async throws
    {
        let browser = browser(120)
        let page = await browser.get("/people/workload?page=2")
        #expect(page.text.contains("120 people, most pending first, 51-100 shown"))
        for piece in ["67 %", "2 min", "–"] { #expect(page.text.contains(piece)) }
        #expect(await browser.get("/approvals").text.contains("/people/workload"))
        let json = try #require(await browser.call("/approvals/load?page=3").json)
        try ApproverLoadSummary.page.shape.check(json)
        #expect(json["people"]?.array?.count == 20)
        #expect(json["people"]?.array?.first?["median_wait_ms"]?.integer == 125_000)
    }

    @Test func `a person sees their own line, and before the log is read nothing`() async {
        let own = await browser(3, roles: []).call("/approvals/load")
        #expect(own.json?["count"]?.integer == 1)
        #expect(await browser(0).get("/people/workload").status == 503)
        #expect(await browser(0).call("/approvals/load").problem == "not_read")
        #expect(await Browser().get("/people/workload").status == 404)
    }

    @Test func `the old address leads to the new one`() async {
        let old = await browser(120).get("/approvals/load?page=2")
        #expect(old.status == 303 && old["location"] == "/people/workload?page=2")
    }
}
