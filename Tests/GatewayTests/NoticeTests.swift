import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Notifications to a caller before the response (docs/specs/mcp.md, sections 5.3 and 6).
@Suite struct `Log messages and progress` {
    private static func say(_ level: String, _ data: JSONValue = "text") -> JSONObject {
        ["level": .string(level), "logger": "db", "data": data]
    }

    private static func talk(_ bench: Bench, _ notes: [JSONObject]) {
        bench.upstreams.answer { call in
            for note in notes { call.notices?.log(note) }
            return .done
        }
    }

    private static func setLevel(_ client: Client, _ level: JSONValue) async -> FakeExchange {
        await client.send("logging/setLevel", id: client.nextID(), ["level": level])
    }

    private static func levels(_ exchange: FakeExchange) -> [JSONValue?] {
        exchange.messages.filter { $0["method"] == "notifications/message" }
            .map { $0["params"]?["level"] }
    }

    @Test func `a session hears nothing before it has set a level`() async throws {
        let bench = try Bench()
        Self.talk(bench, [Self.say("emergency")])
        let client = try await Client.open(bench)
        let exchange = await client.call("look")
        check(exchange, .text("done"))
        #expect(!exchange.now.isStream)
        #expect(bench.upstreams.calls.last?.notices == nil)
    }

    @Test func `a session hears what is at its level or above, on the stream of the call`()
        async throws
    {
        let bench = try Bench()
        let all = LogLevel.allCases.map { Self.say($0.rawValue) }
        Self.talk(bench, all)
        let client = try await Client.open(bench)
        let other = try await Client.open(bench)
        let answer = await Self.setLevel(client, "error")
        #expect(answer.message?["result"] == [:])
        let exchange = await client.call("look")
        check(exchange, .text("done"))
        #expect(Self.levels(exchange) == ["error", "critical", "alert", "emergency"])
        #expect(exchange.messages.first?["params"]?["logger"] == "db")
        #expect(bench.upstreams.calls.last?.notices?.logLevel == .error)
        #expect(Self.levels(await other.call("look")).isEmpty, "a level is a session's own")
        _ = await Self.setLevel(client, "debug")
        #expect(Self.levels(await client.call("look")).count == 8)
    }

    @Test(arguments: ["banana", 3, .null, [:], "ERROR"] as [JSONValue])
    func `another level is refused`(level: JSONValue) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        check(await Self.setLevel(client, level), .error(-32602, status: 200))
    }

    @Test func `a modern request says its own level, and the method is gone`() async throws {
        let bench = try Bench()
        Self.talk(bench, [Self.say("info"), Self.say("warning")])
        let client = ModernClient(bench: bench)
        let silent = await client.send(client.call("look"))
        check(silent, .text("done"))
        #expect(!silent.now.isStream)
        var request = client.call("look")
        request.meta("logLevel", "warning")
        let exchange = await client.send(request)
        check(exchange, .text("done"))
        #expect(Self.levels(exchange) == ["warning"])
        let gone = client.request("logging/setLevel", ["level": "info"])
        check(await client.send(gone), .error(-32601, status: 404))
    }

    @Test func `what is too large is cut, what makes no sense is dropped`() async throws {
        let bench = try Bench()
        let long = String(repeating: "\"é\n", count: 10_000)
        Self.talk(
            bench,
            [
                Self.say("info", .string(long)), Self.say("info", ["a": .string(long)]),
                Self.say("loud"), ["level": "info"], ["data": "x"],
                Self.say("info", .string(String(repeating: "x", count: 8000))),
            ])
        let client = try await Client.open(bench)
        _ = await Self.setLevel(client, "debug")
        let exchange = await client.call("look")
        let told = exchange.messages.compactMap { $0["params"]?["data"] }
        try #require(told.count == 3)
        for data in told { #expect(data.serialized().count <= LogMessage.maximumBytes) }
        #expect(told[0].string?.hasSuffix("...") == true)
        #expect(told[1].string?.hasPrefix("{\"a\":") == true)
        #expect(told[2].string?.count == 8000)
        #expect(bench.gateway.counters.noticesDropped.value == 3)
    }

    @Test func `at most ten a second, of both kinds together`() async throws {
        let bench = try Bench()
        let clock = bench.clock
        bench.upstreams.answer { call in
            for number in 1...8 {
                call.notices?.progress(["progress": .integer(Int64(number))])
                call.notices?.log(Self.say("info"))
            }
            clock.advance(.seconds(1))
            call.notices?.progress(["progress": 9])
            return .done
        }
        let client = try await Client.open(bench)
        _ = await Self.setLevel(client, "info")
        let exchange = await client.call("look", token: "tok")
        check(exchange, .text("done"))
        #expect(exchange.messages.count == 12, "ten, one more, the answer")
        #expect(exchange.messages.dropLast().last?["params"]?["progress"] == 9)
        #expect(bench.gateway.counters.noticesDropped.value == 6)
    }

    @Test func `progress rises, or is not told`() async throws {
        let bench = try Bench()
        bench.upstreams.answer { call in
            for value in [1, 1, 0.5, 2, 1.75, 2.5] as [Double] {
                call.notices?.progress([
                    "progress": .number(JSONNumber(text: "\(value)", double: value))
                ])
            }
            for value in ["3", .null, .bool(true)] as [JSONValue] {
                call.notices?.progress(["progress": value])
            }
            call.notices?.progress([:])
            return .done
        }
        let exchange = try await Client.open(bench).call("look", token: 7)
        let told = exchange.messages.compactMap { $0["params"]?["progress"] }
        #expect(
            told.map { String(decoding: $0.serialized(), as: UTF8.self) } == ["1", "2", "2.5"])
    }

    @Test func `progress is numbers and a short text, and anything else is not told`()
        async throws
    {
        let bench = try Bench()
        let long = "1." + String(repeating: "0", count: 5000)
        bench.upstreams.answer { call in
            call.notices?.progress([
                "progress": .number(JSONNumber(text: long, double: 1)),
                "total": .number(JSONNumber(text: long, double: 1)), "message": .null,
            ])
            for unfit in ["lantern", ["lantern"], ["a": "lantern"], .bool(true)] as [JSONValue] {
                call.notices?.progress(["progress": 2, "total": unfit])
            }
            call.notices?.progress(["progress": 2, "message": ["lantern"]])
            call.notices?.progress([
                "progress": 3, "total": .null,
                "message": .string(String(repeating: "m", count: 3 << 20)),
            ])
            return .done
        }
        let exchange = try await Client.open(bench).call("look", token: 7)
        check(exchange, .text("done"))
        let told = exchange.messages.compactMap { $0["params"]?.object }.filter { !$0.isEmpty }
        let written = told.compactMap { $0["progress"]?.serialized() }
        #expect(written == [Array("1".utf8), Array("3".utf8)])
        #expect(told.first?["total"]?.serialized() == Array("1".utf8))
        #expect(told.first?["message"] == nil && told.last?["total"] == nil)
        let message = try #require(told.last?["message"])
        #expect(message.serialized().count <= ProgressNotification.maximumBytes)
        #expect(message.string?.hasSuffix("m...") == true)
        #expect(bench.gateway.counters.noticesDropped.value == 5)
    }

    @Test func `a parked call tells the request that is open now, as that one asked`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks)
        bench.upstreams.answer { call in
            call.notices?.progress(["progress": 5])
            call.notices?.log(Self.say("info", "first"))
            guard case .answered? = await call.input?.ask([Asking.form()]) else {
                return .cancelled(confirmed: false)
            }
            call.notices?.progress(["progress": 1])
            call.notices?.log(Self.say("info", "second"))
            return .done
        }
        let client = `Questions to modern callers`.client(bench)
        var first = client.call("look", ["text": "a"], token: "one")
        first.meta("logLevel", "info")
        let opened = await client.send(first)
        #expect(opened.now.isStream)
        #expect(
            opened.messages.map { $0["params"]?["progressToken"] ?? $0["params"]?["data"] }
                == ["one", "first", nil])
        let state = try #require(opened.message?["result"]?["requestState"]?.string)
        var second = `Questions to modern callers`.retry(client, state)
        second.params["_meta"] = client.call("look", token: "two").params["_meta"]
        let ended = await client.send(second)
        check(ended, .text("done"))
        #expect(ended.messages.first?["params"]?["progressToken"] == "two")
        #expect(ended.messages.first?["params"]?["progress"] == 1, "a new token begins anew")
        #expect(ended.messages.count == 2, "it asked for no log messages")
        #expect(opened.now.faults.isEmpty)
    }

    @Test func `stray answers of servers are in the metrics and in the status`() throws {
        let bench = try Bench()
        let metrics = { Metrics(bench).text }
        #expect(metrics().contains("\ninterlock_upstream_stray_answers 0\n"))
        bench.upstreams.stray(3, from: try #require(ServerName("desk")))
        #expect(metrics().contains("\ninterlock_upstream_stray_answers 3\n"))
        #expect(metrics().contains("\ninterlock_notices_dropped_total 0\n"))
    }
}
