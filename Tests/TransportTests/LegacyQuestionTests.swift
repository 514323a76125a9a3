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

/// Requests for input from a legacy server over HTTP during a call.
@Suite(.serialized) struct LegacyQuestionTests {
    /// Sends each request on the call's stream, then responds once all have been answered.
    private static func asking(_ questions: [JSONValue]) -> FakeUpstream {
        let heard = Mutex<[JSONValue]>([])
        let all = Signal()
        return FakeUpstream(
            onAnswer: { answer in
                let count = heard.withLock { heard in
                    heard.append(answer)
                    return heard.count
                }
                if count == questions.count { all.set() }
            },
            onCall: { request, exchange in
                exchange.startEvents(headers: [])
                for question in questions { exchange.send(event: FakeUpstream.event(question)) }
                await all.wait()
                let result: JSONValue = ["content": [], "heard": .array(heard.withLock { $0 })]
                exchange.send(event: FakeUpstream.event(FakeUpstream.result(request, result)))
                exchange.endEvents()
            })
    }

    private static func question(_ id: JSONValue, _ method: String) -> JSONValue {
        ["jsonrpc": "2.0", "id": id, "method": .string(method), "params": ["message": "sure?"]]
    }

    /// Sends a request on the standalone stream once `number` calls are in flight, and responds to all of them once it
    /// is answered.
    private static func askingBeside(_ number: Int, _ heard: Heard) -> FakeUpstream {
        let ready = Signal()
        let answered = Signal()
        let under = Atomic<Int>(0)
        return FakeUpstream(
            onAnswer: { answer in
                heard.answer.withLock { $0 = answer }
                answered.set()
            },
            onListen: { _, exchange in
                exchange.startEvents(headers: [])
                await ready.wait()
                exchange.send(event: FakeUpstream.event(Self.question(5, "elicitation/create")))
                await answered.wait()
                exchange.endEvents()
            },
            onCall: { request, exchange in
                if under.wrappingAdd(1, ordering: .relaxed).newValue == number { ready.set() }
                await answered.wait()
                FakeUpstream.respond(exchange, request, ["content": []])
            })
    }

    private final class Heard: Sendable {
        let answer = Mutex<JSONValue?>(nil)
    }

    @Test(arguments: [1, 2])
    func `a question on the standing stream goes to the caller of the one call, or to nobody`(
        number: Int
    ) async throws {
        let heard = Heard()
        let upstream = Self.askingBeside(number, heard)
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller { await FakeCaller.accept($0) }
            await withTaskGroup { group in
                for _ in 0..<number {
                    group.addTask {
                        guard let call = try? Names.call(input: caller) else { return }
                        let answer = await pool.call(call).summary
                        #expect(answer.hasPrefix("result"))
                    }
                }
            }
            #expect(caller.asked.withLock { $0.count } == (number == 1 ? 1 : 0))
            let answer = try #require(heard.answer.withLock { $0 })
            #expect(answer["id"] == 5)
            if number == 1 {
                #expect(answer["result"]?["action"] == "accept")
            } else {
                #expect(answer["result"]?["action"] != "accept")
            }
        }
    }

    @Test func `questions go to the caller one by one, and answers back`() async throws {
        let upstream = Self.asking([
            Self.question(5, "elicitation/create"), Self.question("six", "elicitation/create"),
            Self.question(7, "sampling/createMessage"),
        ])
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller { requests in
                try? await Task.sleep(for: .milliseconds(120))
                return await FakeCaller.accept(requests)
            }
            let answer = try await pool.call(
                Names.call(idle: .milliseconds(150), hard: .milliseconds(600), input: caller))
            #expect(answer.summary.contains(#""id":5,"result":{"action":"accept""#))
            #expect(answer.summary.contains(#""id":"six","result":{"action":"accept""#))
            #expect(answer.summary.contains(#""id":7,"error":{"code":-32601"#))
            #expect(caller.asked.withLock { $0.map(\.key) } == ["input-1", "input-2"])
            let hello = try #require(
                upstream.requests.withLock { $0.last { $0.method == "initialize" } })
            #expect(hello.message["params"]?["capabilities"] == ["elicitation": [:]])
        }
    }

    @Test func `nothing is declared for a caller that cannot be asked`() async throws {
        let upstream = Self.asking([
            Self.question(5, "elicitation/create"), Self.question(6, "roots/list"),
        ])
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let answer = try await pool.call(Names.call())
            #expect(answer.summary.contains(#""id":5,"result":{"action":"decline"}"#))
            #expect(answer.summary.contains(#""id":6,"error":{"code":-32601"#))
            let hello = try #require(
                upstream.requests.withLock { $0.last { $0.method == "initialize" } })
            #expect(hello.message["params"]?["capabilities"] == [:])
        }
    }

    @Test func `sessions are shared by calls that declare the same`() async throws {
        let upstream = FakeUpstream()
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            for declared: JSONObject in [
                [:], ["roots": [:]], [:], ["roots": [:]], ["sampling": [:]],
            ] {
                _ = try await pool.call(Names.call(input: FakeCaller(declared: declared)))
            }
            let sessions = upstream.requests.withLock {
                $0.filter { $0.method == "tools/call" }.map { $0.head["mcp-session-id"] ?? "" }
            }
            #expect(
                sessions == ["session-2", "session-3", "session-2", "session-3", "session-4"])
            for number in 0..<4 {
                _ = try await pool.call(
                    Names.call(input: FakeCaller(declared: ["x\(number)": [:]])))
            }
            _ = await eventually { upstream.methods().contains("DELETE") }
            #expect(upstream.methods().contains("DELETE"), "the oldest had to go")
        }
    }

    @Test func `a caller that is gone ends the call, and the server is told`() async throws {
        let upstream = Self.asking([Self.question(5, "elicitation/create")])
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let gone = FakeCaller { _ in .abandoned(reason: "the caller has left") }
            let summary1 = try await pool.call(Names.call(input: gone)).summary
            #expect(summary1 == "failed unknown")
            _ = await eventually { upstream.methods().contains("notifications/cancelled") }
            #expect(upstream.methods().contains("notifications/cancelled"))
        }
    }

    @Test(.timeLimit(.minutes(1)))
    func `a call that is cancelled while its answer asks for pages ends`() async throws {
        let token = CancelToken()
        let started = Signal()
        let told = Signal()
        let upstream = FakeUpstream(
            onCancelled: { told.set() },
            onCall: { request, exchange in
                started.set()
                await told.wait()
                exchange.respond(
                    FakeUpstream.refuse(
                        request, 200, -32042,
                        data: ["elicitations": [["url": "https://x.example/"]]]))
            })
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller(declared: ["elicitation": ["url": [:]]])
            let call = try Names.call(cancel: token, input: caller)
            async let answer = pool.call(call)
            await started.wait()
            token.cancel(.client)
            #expect(await answer.summary == "cancelled false")
            #expect(caller.asked.withLock { $0.isEmpty })
        }
    }

    @Test func `pages that a server requires are visited, then the call is sent again`()
        async throws
    {
        let visited = Atomic(false)
        let upstream = FakeUpstream { request, exchange in
            if visited.exchange(true, ordering: .relaxed) {
                return await FakeUpstream.echo(request, exchange)
            }
            exchange.respond(
                FakeUpstream.refuse(
                    request, 200, -32042,
                    data: [
                        "elicitations": [
                            [
                                "mode": "url", "elicitationId": "e", "url": "https://x.example/",
                                "message": "m",
                            ]
                        ]
                    ]))
        }
        try await HTTPUpstreamTests.withUpstream(upstream) { pool in
            let caller = FakeCaller(declared: ["elicitation": ["url": [:]]])
            let summary2 = try await pool.call(Names.call(input: caller)).summary
            #expect(summary2.hasPrefix("result"))
            #expect(caller.asked.withLock { $0.first?.params["url"] } == "https://x.example/")
            visited.store(false, ordering: .relaxed)
            let summary3 = try await pool.call(Names.call()).summary
            #expect(summary3 == "error -32042 refused")
            visited.store(false, ordering: .relaxed)
            let no = FakeCaller(declared: caller.declared) { requests in
                .answered([ExactText(requests[0].key): .result(["action": "decline"])])
            }
            let summary4 = try await pool.call(Names.call(input: no)).summary
            #expect(summary4 == "failed failed")
        }
    }
}
