import InterlockAdministration
import InterlockConsoleWorld
import InterlockGovernor
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAPI
@testable import InterlockConsole
@testable import InterlockSchemas

/// Server-sent events announce that something changed, and nothing else.
struct ChangesTests {
    private func follow(
        _ browser: Browser, _ exchange: HeldExchange
    ) async throws -> Task<Void, Never> {
        let token = try #require(browser.token)
        let session = try #require(await browser.world.session(of: token, isUse: false))
        let changes = browser.world.changes()
        let api = browser.console.api
        return Task {
            await api.stream(exchange, changes, for: api.listener(session, token))
        }
    }

    /// The events of a stream but its beats, which come every two seconds however long a test takes.
    private func events(of exchange: HeldExchange) -> [String] {
        exchange.events.withLock { $0 }.filter { !$0.hasPrefix("event: beat\n") }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a change is told, until the client goes`() async throws {
        let browser = Browser()
        let exchange = HeldExchange()
        let task = try await follow(browser, exchange)
        #expect(await eventually { browser.world.listenerCount == 1 })
        browser.world.put(try browser.world.office.request(1))
        #expect(await eventually { events(of: exchange) == ["event: changed\ndata: {}\n\n"] })
        exchange.close()
        await task.value
        #expect(exchange.ended.withLock { $0 })
        #expect(await eventually { browser.world.listenerCount == 0 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `nothing is told after the session ended`() async throws {
        let browser = Browser()
        let exchange = HeldExchange()
        let token = try #require(browser.token)
        let task = try await follow(browser, exchange)
        #expect(await eventually { browser.world.listenerCount == 1 })
        browser.world.signOut(token)
        browser.world.put(try browser.world.office.request(1))
        await task.value
        #expect(events(of: exchange) == [])
        #expect(exchange.ended.withLock { $0 })
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream that makes room says so to its page, and gives its place back`() async throws {
        let browser = Browser()
        let streams = browser.console.api.streams
        let exchanges = (0...EventStreamLimiter.mostOfOne).map { _ in HeldExchange() }
        var tasks: [Task<Void, Never>] = []
        for (place, exchange) in exchanges.enumerated() {
            tasks.append(try await follow(browser, exchange))
            let count = min(place + 1, EventStreamLimiter.mostOfOne)
            #expect(await eventually { streams.count == count && exchange.isAnswered })
        }
        await tasks[0].value
        #expect(events(of: exchanges[0]) == ["event: ended\ndata: {}\n\n"])
        let last = exchanges[0].events.withLock { $0.last }
        #expect(last == "event: ended\ndata: {}\n\n", "nothing is sent after the end")
        #expect(exchanges[0].ended.withLock { $0 })
        for exchange in exchanges.dropFirst() {
            #expect(!exchange.ended.withLock { $0 })
            exchange.close()
        }
        for task in tasks { await task.value }
        #expect(streams.count == 0)
    }

    @Test(.timeLimit(.minutes(1)))
    func `a stream of anything takes a place, and makes room for one of changes`() async throws {
        let browser = Browser()
        let api = browser.console.api
        let token = try #require(browser.token)
        let session = try #require(await browser.world.session(of: token, isUse: false))
        let oldest = HeldExchange()
        let task = Task {
            await api.stream(oldest, for: api.listener(session, token)) {
                oldest.send(event: Array("event: report\ndata: {}\n\n".utf8))
                try? await Task.sleep(for: .seconds(60))
            }
        }
        #expect(await eventually { !events(of: oldest).isEmpty })
        let others = (0..<EventStreamLimiter.mostOfOne).map { _ in HeldExchange() }
        var tasks: [Task<Void, Never>] = []
        for other in others { tasks.append(try await follow(browser, other)) }
        await task.value
        #expect(
            events(of: oldest) == ["event: report\ndata: {}\n\n", "event: ended\ndata: {}\n\n"])
        for other in others { other.close() }
        for task in tasks { await task.value }
        #expect(api.streams.count == 0)
    }

    @Test func `a page that finds no place is told so`() async throws {
        let browser = Browser(mostStreams: 0)
        let answer = await browser.get("/api/v1/approvals/stream")
        #expect(answer.status == 429 && answer.problem == "too_many")
    }

    @Test func `whoever asks for the head alone takes no place`() async throws {
        let browser = Browser()
        let path = "/api/v1/approvals/stream"
        let answer = await browser.ask("HEAD", path, browser.headers + browser.proof("HEAD", path))
        #expect(answer.status == 200 && answer["content-type"] == "text/event-stream")
        #expect(browser.console.api.streams.count == 0 && browser.world.listenerCount == 0)
    }

    @Test func `a stream is no use of its session, nor is what a page asks by itself`() async throws
    {
        let browser = Browser(mostStreams: 0)
        _ = await browser.get("/api/v1/approvals/stream")
        _ = await browser.get("/approvals", ("x-interlock-refresh", "yes"))
        #expect(browser.world.useCount == 0)
        _ = await browser.get("/approvals")
        #expect(browser.world.useCount == 1)
    }
}
