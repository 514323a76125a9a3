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

/// The stream of a legacy server that ends before the response (docs/specs/mcp.md, section 2).
@Suite(.serialized, .timeLimit(.minutes(2))) struct InterruptionTests {
    private static func progress(_ request: FakeUpstream.Request, _ value: Int64) -> JSONValue {
        [
            "jsonrpc": "2.0", "method": "notifications/progress",
            "params": [
                "progressToken": request.message["params"]?["_meta"]?["progressToken"] ?? .null,
                "progress": .integer(value),
            ],
        ]
    }

    private static func event(_ id: String, _ message: JSONValue) -> [UInt8] {
        Array("id: \(id)\n".utf8) + FakeUpstream.event(message)
    }

    /// A server that closes its stream after one event; `resume` receives the GET that follows, together with the call.
    private static func closing(
        id: String? = "a-1", retry: Int? = 100,
        resume:
            @escaping @Sendable (FakeUpstream.Request, FakeUpstream.Request, any Exchange) ->
            Void
    ) -> FakeUpstream {
        let open = Mutex<FakeUpstream.Request?>(nil)
        return FakeUpstream(
            onDiscover: { FakeUpstream.refuse($0, 400, -32600) },
            onListen: { request, exchange in
                guard let call = open.withLock({ $0 }) else {
                    return exchange.respond(HTTPResponse(status: 405))
                }
                resume(request, call, exchange)
            },
            onCall: { request, exchange in
                open.withLock { $0 = request }
                exchange.startEvents(headers: [])
                if let retry { exchange.send(event: Array("retry: \(retry)\n\n".utf8)) }
                if let id { exchange.send(event: event(id, progress(request, 1))) }
                exchange.endEvents()
            })
    }

    private static func call(
        _ upstream: FakeUpstream, _ heard: HeardNotices = HeardNotices(),
        cancel: CancelToken = CancelToken(), hard: Duration = .seconds(20),
        until last: String = "tools/call"
    ) async throws -> String {
        let summary = Mutex("")
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let answer = await pool.call(try Names.call(hard: hard, cancel: cancel, notices: heard))
            summary.withLock { $0 = answer.summary }
            _ = await eventually { count(upstream, last) != 0 }
        }
        return summary.withLock { $0 }
    }

    private static func count(_ upstream: FakeUpstream, _ method: String) -> Int {
        upstream.methods().count { $0 == method }
    }

    @Test func `it goes on where it was, and the call is sent once`() async throws {
        let turns = Mutex(0)
        let upstream = Self.closing { request, call, exchange in
            let turn = turns.withLock { turns in
                turns += 1
                return turns
            }
            #expect(request.head["last-event-id"] == "a-\(turn)")
            #expect(request.head["mcp-session-id"] == call.head["mcp-session-id"])
            exchange.startEvents(headers: [])
            if turn < 3 {
                exchange.send(
                    event: Self.event("a-\(turn + 1)", Self.progress(call, Int64(turn + 1))))
            } else {
                exchange.send(
                    event: Self.event(
                        "a-9",
                        ["jsonrpc": "2.0", "id": call.message["id"] ?? .null, "result": ["x": 1]]))
            }
            exchange.endEvents()
        }
        let heard = HeardNotices()
        #expect(try await Self.call(upstream, heard) == #"result {"x":1}"#)
        #expect(heard.progress.map { $0["progress"] } == [1, 2, 3])
        #expect(Self.count(upstream, "tools/call") == 1)
    }

    @Test(arguments: [400, 404, 405, 500])
    func `a server that does not go on leaves the outcome unknown`(status: Int) async throws {
        let upstream = Self.closing { _, _, exchange in
            exchange.respond(HTTPResponse(status: status))
        }
        #expect(try await Self.call(upstream) == "failed unknown")
        #expect(Self.count(upstream, "tools/call") == 1, "it is never sent again")
        #expect(Self.count(upstream, "initialize") == 2, "the catalogue's session, the agent's")
    }

    @Test func `without an id there is nowhere to go on`() async throws {
        let upstream = Self.closing(id: nil) { _, _, exchange in
            exchange.respond(HTTPResponse(status: 500))
        }
        #expect(try await Self.call(upstream) == "failed unknown")
        #expect(Self.count(upstream, "tools/call") == 1)
    }

    @Test func `the hard limit goes on, and a cancellation is told`() async throws {
        let never = Self.closing { _, call, exchange in
            exchange.startEvents(headers: [])
            exchange.send(event: Self.event("b", Self.progress(call, 1)))
            exchange.endEvents()
        }
        #expect(try await Self.call(never, hard: .milliseconds(700)) == "timed out unknown")
        #expect(Self.count(never, "tools/call") == 1)
        let cancel = CancelToken()
        let slow = Self.closing(retry: 20_000) { _, _, _ in }
        let ending = Task {
            try await Self.call(slow, cancel: cancel, until: "notifications/cancelled")
        }
        _ = await eventually { Self.count(slow, "tools/call") != 0 }
        try await Task.sleep(for: .milliseconds(200))
        cancel.cancel(.client)
        #expect(try await ending.value == "cancelled false")
        #expect(Self.count(slow, "notifications/cancelled") == 1)
    }
}
