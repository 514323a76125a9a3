import InterlockAdministration
import InterlockAlerts
import InterlockApprovals
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

struct NowTests {
    private static let hostile = "<img src=x onerror=alert(1)>\u{202e}\"'&"

    private func browser(
        _ status: GatewayStatus, person: Int? = 0, roles: Set<Role> = [.security]
    ) -> Browser {
        var sources = ConsoleSources.with(roles: roles)
        sources.status = StatusStub { _ in status }
        return Browser(person: person, sources: sources)
    }

    private func halt(_ reason: String) throws -> HaltOrder {
        try HaltOrder(
            id: OrderID(milliseconds: 1, random: [UInt8](repeating: 3, count: 10)), org: "acme",
            target: .org, reason: reason, author: ConsoleOffice().voter(0).pseudonym,
            at: ConsoleOffice.start)
    }

    @Test func `the house is told at a glance`() async {
        let page = await browser(StatusStub.status()).get("/now")
        #expect(page.status == 200)
        for words in [
            "All 9 checks passed", "3 s ago", "No calls in progress",
            "No open alerts", "none is configured",
            ">0 <span>tasks</span></a>",
        ] { #expect(page.text.contains(words), "\(words)") }
        #expect(!page.text.contains("Stopped: "))
    }

    @Test func `the agents that were denied most are listed with their hour`() async {
        var sources = DirectoryWorld(text: Self.hostile).sources
        sources.status = StatusStub { _ in StatusStub.status() }
        let page = await Browser(sources: sources).get("/now").text
        #expect(page.contains("Most denied agents") && page.contains("1\u{202f}234, 3 denied"))
        #expect(page.contains("/agents/clerk"))
        let stranger = await Browser(person: 2, sources: sources).get("/now").text
        #expect(!stranger.contains("/agents/clerk"))
        #expect(stranger.contains("Agents are visible to their owners"))
    }

    @Test func `an empty list says nothing to a viewer who sees no agent`() async {
        let page = await browser(StatusStub.status(), roles: []).get("/now")
        #expect(page.text.contains("Alerts are visible to owners of agents"))
        #expect(page.text.contains("Calls are visible to owners of agents"))
        #expect(!page.text.contains("No open alerts"))
        #expect(!page.text.contains("No calls in progress"))
    }

    @Test func `what is not sound and what cannot be read is said`() async {
        let page = await browser(
            StatusStub.status(alarms: nil, faults: ["ledger: it takes no permits: audit.full"])
        ).get("/now")
        #expect(page.text.contains("ledger: it takes no permits: audit.full"))
        #expect(page.text.contains("Alerts cannot be read now"))
        #expect(!page.text.contains("checks passed"))
        let some = await browser(StatusStub.status(unreadAlarms: 3)).get("/now")
        #expect(some.text.contains("3 kept alerts cannot be read"))
    }

    @Test func `nothing is said to be well while one check is not`() async {
        func page(_ state: HealthCheck.State) async -> String {
            let checks = [
                HealthCheck(.policy, .working, "signed off", age: .zero),
                HealthCheck(.notifications, state, Self.hostile, age: nil),
            ]
            return await browser(StatusStub.status(checks: checks)).get("/now").text
        }
        let attention = await page(.attention)
        #expect(attention.contains("<span>Needs attention</span>"))
        #expect(attention.contains("Notifications: "))
        #expect(!attention.contains("checks passed") && !attention.contains("<img"))
        let problem = await page(.problem)
        #expect(problem.contains("<span>Problem</span>"))
        #expect(problem.contains("Notifications fails: "))
        let unknown = await page(.unknown)
        #expect(unknown.contains("<span>Unknown</span>") && unknown.contains("Notifications: "))
        #expect(!unknown.contains("checks passed") && unknown.contains("never"))
        #expect(
            await page(.notSetUp).contains("1 of 2 checks passed, the others are not set up"))
        #expect(await page(.working).contains("All 2 checks passed"))
    }

    @Test func `texts of any origin are shown and do nothing`() async throws {
        let run = RunStatus(
            run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
            agent: try #require(AgentName("refunds")), owner: nil, purpose: Self.hostile, calls: 1,
            halt: nil)
        let alarm = RaisedAlert(
            id: AlertID(milliseconds: 1, random: [UInt8](repeating: 2, count: 10)),
            code: "scope.refused", subject: Self.hostile, at: ConsoleOffice.start)
        let page = await browser(
            StatusStub.status(
                runs: [run], halts: [try halt(Self.hostile)], alarms: [alarm],
                faults: [Self.hostile])
        ).get("/now")
        #expect(page.status == 200)
        #expect(!page.text.contains("<img"))
        #expect(!page.text.contains("\u{202e}"))
        #expect(page.text.components(of: "&lt;img src=x onerror=alert(1)&gt;") == 4)
    }

    @Test func `a halt stands on every page of somebody who is signed in`() async throws {
        let status = StatusStub.status(halts: [try halt("refunds go astray")])
        for path in ["/now", "/approvals", "/nothing-else"] {
            let text = await browser(status).get(path).text
            #expect(
                text.contains("refunds go astray") == (path != "/nothing-else"), "\(path)")
        }
        #expect(await !browser(status, person: nil).get("/now").text.contains("astray"))
    }

    @Test(.requirement("R153"))
    func `an unsigned policy is shown on every page to a person who is signed in`() async {
        func browser(_ isUnsigned: Bool, person: Int? = 0) -> Browser {
            Browser(
                person: person,
                sources: ConsoleSources(
                    status: StatusStub(isPolicyUnsigned: isUnsigned) { _ in
                        StatusStub.status()
                    }))
        }
        let words = "Policy is not signed: "
        for path in ["/now", "/approvals"] {
            #expect(await browser(true).get(path).text.contains(words), "\(path)")
            #expect(await !browser(false).get(path).text.contains(words), "\(path)")
        }
        #expect(await !browser(true, person: nil).get("/now").text.contains(words))
    }

    @Test func `people begin here, and where there is nothing to see at their approvals`() async {
        let answer = await browser(StatusStub.status()).get("/")
        #expect(answer.status == 303 && answer["location"] == "/now")
        #expect(await Browser().get("/")["location"] == "/approvals")
        #expect(await Browser().get("/now").status == 404)
    }

    @Test func `a program is told the same`() async throws {
        let answer = await browser(StatusStub.status(faults: ["store: gone"])).call("/standing")
        #expect(answer.status == 200)
        let value = try #require(answer.json)
        #expect(value["records"]?.integer == 77)
        #expect(value["allowed"]?.integer == 12)
        #expect(value["faults"]?.array?.first?.string == "store: gone")
        #expect(await Browser().call("/standing").status == 503)
        #expect(await Browser(person: nil).call("/standing").status == 401)
    }
}

extension String {
    /// The number of occurrences of `text`.
    fileprivate func components(of text: String) -> Int {
        var (count, rest) = (0, self[...])
        while let range = rest.firstRange(of: text) {
            count += 1
            rest = rest[range.upperBound...]
        }
        return count
    }
}
