import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct `Questions to legacy callers` {
    static func open(
        _ bench: Bench, _ capabilities: JSONObject = ["elicitation": [:], "sampling": [:]],
        version: ProtocolVersion = .v2025_11_25
    ) async throws -> Client {
        try await Client.open(bench, version: version, capabilities: capabilities)
    }

    /// Waits for the next request for input on the call's stream.
    static func question(_ call: Client.Call, after count: Int = 0) async throws -> JSONValue {
        #expect(await until { call.exchange.messages.count > count })
        return try #require(call.exchange.messages.last)
    }

    static func answer(_ id: JSONValue?, _ result: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id ?? .null, "result": result]
    }

    @Test func `a request stands on the call's stream and its answer is posted`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()], [Asking.sample]])
        let client = try await Self.open(bench)
        let call = client.begin("look")
        let form = try await Self.question(call)
        #expect(form["method"] == "elicitation/create")
        #expect(form["params"]?["message"] == "The server `desk` asks: Which one?")
        let accepted: JSONValue = ["action": "accept", "content": ["region": "eu"]]
        check(await client.post(Self.answer(form["id"], accepted)), .http(202))
        let sample = try await Self.question(call, after: 1)
        #expect(sample["method"] == "sampling/createMessage")
        check(
            await client.post(
                Self.answer(
                    sample["id"], ["role": "assistant", "content": [:], "model": "small"])),
            .http(202))
        check(await call.answer(), .text("asked: accept:eu small"))
        #expect(bench.types.filter { $0 == .callInput }.count == 2)
    }

    @Test func `a response of another session or to nothing is 400`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = try await Self.open(bench)
        let other = try await Self.open(bench)
        let call = client.begin("look")
        let form = try await Self.question(call)
        let declined = Self.answer(form["id"], ["action": "decline"])
        check(await other.post(declined), .error(-32600, status: 400))
        check(await client.post(Self.answer(99, [:])), .error(-32600, status: 400))
        check(await client.post(Self.answer("1", [:])), .error(-32600, status: 400))
        check(await client.post(declined), .http(202))
        check(await client.post(declined), .error(-32600, status: 400), "a second answer")
        check(await call.answer(), .text("asked: decline"))
    }

    @Test func `an error is a cancelled form`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = try await Self.open(bench)
        let call = client.begin("look")
        let form = try await Self.question(call)
        let error: JSONValue = [
            "jsonrpc": "2.0", "id": form["id"] ?? .null, "error": ["code": -1, "message": "no"],
        ]
        check(await client.post(error), .http(202))
        check(await call.answer(), .text("asked: cancel"))
    }

    @Test(arguments: [ProtocolVersion.v2024_11_05, .v2025_03_26])
    func `older versions have no forms`(version: ProtocolVersion) async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.form()]])
        let client = try await Self.open(bench, ["elicitation": [:]], version: version)
        check(await client.call("look"), .text("nobody can be asked"))
    }

    @Test func `who goes away and cannot come back answers nothing`()
        async throws
    {
        let bench = try Bench(policy: Asking.asks, resumes: false)
        Asking.upstream(bench, [[Asking.form()]])
        let client = try await Self.open(bench)
        let call = client.begin("look")
        _ = try await Self.question(call)
        call.exchange.close()
        _ = await call.answer()
        #expect(bench.types.last == .callUnknown)
    }

    @Test func `a batch cannot be asked`() async throws {
        let bench = try Bench(policy: Asking.asks)
        Asking.upstream(bench, [[Asking.sample]])
        let client = try await Self.open(bench, ["sampling": [:]], version: .v2025_03_26)
        let exchange = await client.post([
            Client.message("tools/call", id: 3, Client.params("look", [:]))
        ])
        let text = exchange.message?.array?.first?["result"]?["content"]?.array?.first?["text"]
        #expect(text == "nobody can be asked")
    }
}
