import InterlockConsoleWorld
import Synchronization
import Testing

@testable import InterlockConsole

/// Server-sent events: that something changed, and nothing else.
struct ChangesTests {
    private func eventually(_ holds: @Sendable () -> Bool) async -> Bool {
        for _ in 0..<500 {
            if holds() { return true }
            try? await Task.sleep(for: .milliseconds(10))
        }
        return holds()
    }

    @Test(.timeLimit(.minutes(1)))
    func `a change is told, until the client goes`() async throws {
        let browser = Browser()
        let exchange = HeldExchange()
        let token = try #require(browser.token)
        let task = Task { await browser.console.api.stream(exchange, token) }
        #expect(await eventually { browser.world.listenerCount == 1 })
        browser.world.put(try browser.world.office.request(1))
        #expect(
            await eventually { exchange.events.withLock { $0 } == ["event: changed\ndata: {}\n\n"] }
        )
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
        let task = Task { await browser.console.api.stream(exchange, token) }
        #expect(await eventually { browser.world.listenerCount == 1 })
        browser.world.signOut(token)
        browser.world.put(try browser.world.office.request(1))
        await task.value
        #expect(exchange.events.withLock { $0 } == [])
        #expect(exchange.ended.withLock { $0 })
    }
}
