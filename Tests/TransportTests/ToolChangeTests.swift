import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Notifications of servers over HTTP about changes of their tools.
@Suite(.serialized) struct ToolChangeTests {
    /// Sends a change notification once `change` is set, and keeps the stream open.
    private static func telling(_ change: Signal, _ closed: Signal)
        -> @Sendable (
            FakeUpstream.Request, any Exchange
        ) async -> Void
    {
        { _, exchange in
            exchange.onClose { closed.set() }
            exchange.startEvents(headers: [])
            await change.wait()
            exchange.send(
                event: FakeUpstream.event([
                    "jsonrpc": "2.0", "method": "notifications/tools/list_changed",
                ]))
            await closed.wait()
        }
    }

    private func check(_ upstream: FakeUpstream, _ change: Signal, _ closed: Signal) async throws {
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(10)
        limits.leastCheckGap = .milliseconds(1)
        try await HTTPUpstreamTests.withUpstream(upstream, limits: limits) { pool in
            let name = try Names.server()
            func listens() -> Bool {
                upstream.methods().contains { $0 == "subscriptions/listen" || $0 == "GET" }
            }
            _ = await eventually { listens() }
            upstream.tools.withLock { _ = $0.removeLast() }
            change.set()
            func generation() -> UInt64 {
                if case .ready(let generation, _) = pool.view(of: name) { generation } else { 0 }
            }
            _ = await eventually { generation() != 1 }
            #expect(generation() == 2)
        }
        // Closing the session closes its stream.
        await closed.wait()
    }

    @Test(.timeLimit(.minutes(1))) func `a modern server over its subscription`() async throws {
        let (change, closed) = (Signal(), Signal())
        let upstream = FakeUpstream(
            onDiscover: {
                FakeUpstream.discovered(
                    $0, versions: ["2026-07-28"], tools: ["listChanged": true])
            }, onListen: Self.telling(change, closed))
        try await check(upstream, change, closed)
        let asked = try #require(
            upstream.requests.withLock { $0.first { $0.method == "subscriptions/listen" } })
        #expect(asked.message["params"]?["notifications"] == ["toolsListChanged": true])
        #expect(asked.head["mcp-method"] == "subscriptions/listen")
    }

    @Test(.timeLimit(.minutes(1))) func `a legacy server over the session's stream`() async throws {
        let (change, closed) = (Signal(), Signal())
        let upstream = FakeUpstream(
            onInitialize: FakeUpstream.initialized(with: ["tools": ["listChanged": true]]),
            onListen: Self.telling(change, closed))
        try await check(upstream, change, closed)
        let asked = try #require(upstream.requests.withLock { $0.first { $0.method == "GET" } })
        #expect(asked.head["mcp-session-id"] == "s")
        #expect(asked.head["accept"]?.contains("text/event-stream") == true)
    }

    @Test func `a server that promises nothing is not asked to tell`() async throws {
        let upstream = FakeUpstream.modern()
        var limits = UpstreamLimits()
        limits.firstRetry = .milliseconds(5)
        try await HTTPUpstreamTests.withUpstream(upstream, limits: limits) { pool in
            try await Task.sleep(for: .milliseconds(60))
        }
        #expect(!upstream.methods().contains("subscriptions/listen"))
    }
}
