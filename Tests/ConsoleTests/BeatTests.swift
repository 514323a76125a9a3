import InterlockAdministration
import InterlockConsoleWorld
import InterlockJSON
import InterlockModel
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole

/// The sign of life, which pages ask for and streams carry.
struct BeatTests {
    private func sources(_ states: [HealthCheck.State]) -> ConsoleSources {
        let checks = zip(HealthCheck.Part.allCases, states).map {
            HealthCheck($0, $1, "it is so", age: .seconds(1))
        }
        return ConsoleSources(status: StatusStub { _ in StatusStub.status(checks: checks) })
    }

    @Test func `strangers learn only that the gateway answers`() async {
        let stranger = await Browser(person: nil, sources: sources([.problem])).get("/beat")
        #expect(stranger.status == 204 && stranger.text.isEmpty)
        let answer = await Browser(person: nil, sources: sources([.problem])).call("/beat")
        #expect(answer.status == 401)
    }

    @Test(
        arguments: [
            ([.working, .notSetUp], "working"), ([.working, .unknown], "unknown"),
            ([.unknown, .attention], "attention"), ([.attention, .problem, .working], "problem"),
            ([], nil),
        ] as [([HealthCheck.State], String?)])
    func `people get the worst state of all parts`(
        _ states: [HealthCheck.State], _ worst: String?
    ) async {
        let browser = Browser(sources: sources(states))
        #expect(await browser.get("/beat").json?["state"]?.string == worst)
        #expect(await browser.call("/beat").json?["state"]?.string == worst)
        // Pages ask by themselves.
        #expect(browser.world.useCount == 0)
        let page = await browser.get("/approvals")
        // One line says that a part fails; it is hidden while none does, and the script shows and hides it.
        #expect(page.text.ranges(of: "id=\"failing\"").count == 1)
        let isHidden = page.text.contains("id=\"failing\" role=\"alert\" hidden>")
        #expect(isHidden == (worst != "problem"))
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream beats while nothing changes`() async throws {
        let browser = Browser(sources: sources([.attention]))
        let token = try #require(browser.token)
        let session = try #require(await browser.world.session(of: token, isUse: false))
        let (exchange, changes, api) = (
            HeldExchange(), browser.world.changes(), browser.console.api
        )
        let task = Task { await api.stream(exchange, changes, for: api.listener(session, token)) }
        #expect(await eventually { !exchange.events.withLock { $0 }.isEmpty })
        let event = exchange.events.withLock { $0 }.first ?? ""
        #expect(event.hasPrefix("event: beat\ndata: {") && event.hasSuffix("}\n\n"))
        #expect(event.contains("\"state\":\"attention\""))
        exchange.close()
        await task.value
    }
}
