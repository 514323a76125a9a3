import InterlockCluster
import InterlockClusterPeers
import InterlockModel
import InterlockPorts
import InterlockTesting
import InterlockTransport
import Synchronization
import Testing

/// Requests of agents that one node passes on to another one, over TLS on loopback.
@Suite(.serialized) struct ForwardingTests {
    private let agents = ScriptedAgents()
    private let exchange = AgentExchange()

    /// Runs `body` with a node that serves agents, and one that passes requests on to it.
    private func withNodes(
        serves: Bool = true, bodyBytes: Int = 4 << 20,
        _ body: (_ first: PeerNode, _ server: PeerNode) async throws -> Void
    ) async throws {
        try await withPeers(2) { nodes in
            if serves { nodes[1].service.serve(agents, bodyBytes: bodyBytes) }
            try await body(nodes[0], nodes[1])
        }
    }

    private func request(
        _ path: String = "/mcp", method: String = "POST", body: [UInt8] = Array("{}".utf8),
        listener: Listener = .agents, key: Digest? = nil
    ) -> PlacedRequest {
        let head = RequestHead(
            listener: listener, method: method, path: path, query: "a=b",
            headers: [
                ("host", "gateway.example"), ("authorization", "Bearer t1"),
                ("content-length", "2"), ("connection", "close"), ("mcp-param-x", "ä \"1\""),
            ], contentLength: body.count, clientKey: key,
            source: .address(high: 1, low: 0xffff_0a00_0001))
        return PlacedRequest(
            head, body, run: RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)),
            agent: AgentName("refunds").unwrapped, isCall: true)
    }

    @Test(.requirement("R071"), .timeLimit(.minutes(5)))
    func `the other node gets the request as its agent sent it, and its response comes back`()
        async throws
    {
        let key = WeakHashing().sha256([1])
        try await withNodes { first, server in
            let body = [UInt8](repeating: 65, count: 1 << 20)
            let result = await first.service.forward(
                request(body: body, key: key), to: "gw2", exchange)
            #expect(result == .answered)
            let response = try #require(exchange.state.withLock { $0.response })
            #expect(response.status == 202 && response.body == Array("taken".utf8))
            let names = response.headers.map(\.name)
            #expect(names == ["content-type", "mcp-session-id"])

            let head = try #require(agents.state.withLock { $0.heads.first })
            #expect(agents.state.withLock { $0.bodies } == [body])
            #expect(head.method == "POST" && head.path == "/mcp" && head.query == "a=b")
            #expect(head.bearer == "t1" && head["host"] == "gateway.example")
            #expect(head["mcp-param-x"] == "ä \"1\"")
            #expect(head["connection"] == nil && head["content-length"] == nil)
            #expect(head.contentLength == body.count)
            #expect(head.workload == .key(key))
            #expect(head.source == .address(high: 1, low: 0xffff_0a00_0001))
            #expect(head.forwarder == "gw1" && head.certificate == nil && head.peer == nil)
            #expect(server.service.counts.refused.isEmpty)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `the workload of a local socket is passed on`() async throws {
        try await withNodes { first, _ in
            let local = request(listener: .local(uid: 1000, pid: 7))
            #expect(await first.service.forward(local, to: "gw2", exchange) == .answered)
            #expect(agents.state.withLock { $0.heads.first?.workload } == .user(1000))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a stream comes event by event`() async throws {
        try await withNodes { first, _ in
            let result = await first.service.forward(
                request("/mcp/stream"), to: "gw2", exchange)
            #expect(result == .answered)
            exchange.state.withLock { state in
                #expect(state.isStream && state.isEnded && state.response == nil)
                #expect(state.events == "data: 1\n\ndata: 2\n\n")
                #expect(state.headers.map(\.name) == ["mcp-session-id"])
            }
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a stream that outlives its handler ends at either side`() async throws {
        try await withNodes { first, _ in
            async let result = first.service.forward(
                request("/mcp/open", method: "GET", body: []), to: "gw2", exchange)
            #expect(await eventually { exchange.state.withLock { $0.events } == "data: 1\n\n" })
            let stream = try #require(agents.state.withLock { $0.streams.first })
            stream.send(event: Array("data: 2\n\n".utf8))
            #expect(
                await eventually {
                    exchange.state.withLock { $0.events } == "data: 1\n\ndata: 2\n\n"
                })
            stream.endEvents()
            #expect(await result == .answered)
            #expect(exchange.state.withLock { $0.isEnded })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `an agent that leaves ends its request at the other node`() async throws {
        try await withNodes { first, _ in
            async let result = first.service.forward(
                request("/mcp/silent"), to: "gw2", exchange)
            #expect(await eventually { agents.state.withLock { $0.heads.count } == 1 })
            exchange.close()
            #expect(await result == .answered)
            #expect(await eventually { agents.state.withLock { $0.closed } == 1 })
            #expect(exchange.state.withLock { $0.response } == nil)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a request of an agent that has left already is not served`() async throws {
        try await withNodes { first, _ in
            exchange.close()
            let result = await first.service.forward(
                request("/mcp/silent"), to: "gw2", exchange)
            #expect(result == .answered)
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that is lost before its response leaves the outcome unknown`() async throws {
        try await withNodes { first, server in
            async let result = first.service.forward(
                request("/mcp/silent"), to: "gw2", exchange)
            #expect(await eventually { agents.state.withLock { $0.heads.count } == 1 })
            await server.server.drain(within: .zero)
            #expect(await result == .lost(wasSent: true))
            #expect(exchange.state.withLock { $0.response == nil && !$0.isStream })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that is lost within a stream leaves it open for its end`() async throws {
        try await withNodes { first, _ in
            async let result = first.service.forward(
                request("/mcp/open"), to: "gw2", exchange)
            #expect(await eventually { exchange.state.withLock { $0.events } == "data: 1\n\n" })
            let stream = try #require(agents.state.withLock { $0.streams.first })
            first.service.abandon("gw2")
            #expect(await result == .broken)
            #expect(exchange.state.withLock { $0.isStream && !$0.isEnded })
            // The serving node ends a stream whose client has left.
            #expect(await eventually { agents.state.withLock { $0.closed } == 1 })
            stream.endEvents()
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `what waits for a node that was expelled is given up`() async throws {
        try await withNodes { first, _ in
            async let result = first.service.forward(
                request("/mcp/silent"), to: "gw2", exchange)
            #expect(await eventually { agents.state.withLock { $0.heads.count } == 1 })
            first.service.abandon("gw2")
            #expect(await result == .lost(wasSent: true))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that does not serve the run, or does not answer, is told apart`() async throws {
        try await withNodes { first, _ in
            func forward(_ path: String) async -> ForwardResult {
                await first.service.forward(request(path), to: "gw2", AgentExchange())
            }
            #expect(await forward("/mcp/not-mine") == .notMine)
            #expect(await forward("/mcp/nothing") == .lost(wasSent: true))
            #expect(await forward("/mcp/huge") == .lost(wasSent: true))
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a refusal of the head, and a body above the limit of the pipeline, come back`()
        async throws
    {
        try await withNodes { first, _ in
            #expect(
                await first.service.forward(request("/mcp/refused"), to: "gw2", exchange)
                    == .answered)
            #expect(exchange.state.withLock { $0.response?.status } == 401)
            let small = AgentExchange()
            let large = request("/mcp/small", body: Array("12345".utf8))
            #expect(await first.service.forward(large, to: "gw2", small) == .answered)
            #expect(small.state.withLock { $0.response?.status } == 413)
            #expect(agents.state.withLock { $0.heads.isEmpty })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that serves no agents refuses, and nothing was executed`() async throws {
        try await withNodes(serves: false) { first, server in
            let result = await first.service.forward(request(), to: "gw2", exchange)
            #expect(result == .lost(wasSent: false))
            #expect(server.service.counts.refused == [.notReady: 1])
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a body that no request may have is refused by its length`() async throws {
        try await withNodes(bodyBytes: 0) { first, server in
            let body = [UInt8](repeating: 65, count: 1 << 20)
            let result = await first.service.forward(request(body: body), to: "gw2", exchange)
            guard case .lost = result else {
                Issue.record("\(result)")
                return
            }
            #expect(server.service.counts.refused == [.tooLarge: 1])
            #expect(agents.state.withLock { $0.heads.isEmpty })
        }
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that is no member, or cannot be reached, gets nothing`() async throws {
        try await withNodes { first, server in
            #expect(
                await first.service.forward(request(), to: "gw9", exchange)
                    == .lost(wasSent: false))
            #expect(
                await first.service.forward(request(), to: "not a node", exchange)
                    == .lost(wasSent: false))
            await server.server.drain(within: .zero)
            // Beats may have left a connection of which the client does not know yet that it is closed.
            var result = ForwardResult.answered
            for _ in 0..<200 where result != .lost(wasSent: false) {
                result = await first.service.forward(request(), to: "gw2", exchange)
                try await Task.sleep(for: .milliseconds(5))
            }
            #expect(result == .lost(wasSent: false))
        }
    }
}
