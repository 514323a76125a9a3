import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The records and the response for each outcome of a call (docs/specs/ledger.md, section 5).
@Suite struct `Calls and their records` {
    @Test func `the first record of a run is its start, once`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        await client.call("look")
        await client.call("secret")
        _ = await client.tools()
        let mine = bench.ledger.drafts.filter { $0.run != nil }
        #expect(mine.first?.type == .runStart)
        #expect(mine.first?.fields["pol"] == .string(bench.policy.digest.base64))
        #expect(mine.count { $0.type == .runStart } == 1)
        let other = try await Client.open(bench, as: "clerk#2")
        await other.call("look")
        #expect(bench.ledger.drafts(of: .runStart).count == 2)
    }

    @Test func `a run that begins with a refusal has its start too`() async throws {
        let bench = try Bench()
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        let client = Client.sessionless(bench)
        await client.call("look")
        let types = bench.ledger.drafts.filter { $0.run != nil }.map(\.type)
        #expect(types == [.runStart, .callDenied])
    }

    @Test func `an allowed call has an intent before and an outcome after`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let arguments: JSONObject = ["text": "a", "n": 1]
        await bench.check(.text("done"), records: [.callIntent, .callOutcome], sent: 1) {
            await client.call("look", arguments)
        }
        let intent = try #require(bench.ledger.drafts(of: .callIntent).last)
        let outcome = try #require(bench.ledger.drafts(of: .callOutcome).last)
        #expect(intent.fields["tool"] == "desk__look")
        #expect(intent.fields["dec"] == "allow")
        #expect(intent.fields["dl"] == "D0")
        #expect(intent.fields["risk"] == "read")
        #expect(intent.fields["pol"] == .string(bench.policy.digest.base64))
        #expect(intent.fields["toolv"]?.string != nil)
        #expect(intent.payloads.map(\.field) == ["args", "in"])
        #expect(
            intent.plaintext("args") == Array(#"{"n":1,"text":"a"}"#.utf8))
        #expect(outcome.fields["call"] == intent.fields["call"])
        #expect(outcome.fields["st"] == "ok")
        #expect(outcome.fields["code"] == "0")
        #expect(outcome.fields["dur"]?.integer != nil)
        #expect(outcome.fields["intent"]?.string != nil)
        #expect(outcome.payloads.map(\.field) == ["res"])
        #expect(bench.upstreams.calls.last?.arguments == Array(#"{"n":1,"text":"a"}"#.utf8))
    }

    struct DeniedRequest: Sendable {
        let tool: String
        let arguments: JSONObject
        let answer: Expected
        let code: String
        let rule: String
    }

    static let denials = [
        DeniedRequest(
            tool: "audit", arguments: [:], answer: .refused(4030, "guard-false"),
            code: "policy.guard_false", rule: "agents.clerk.mcp_scopes.desk[2]"),
        DeniedRequest(
            tool: "secret", arguments: [:], answer: .error(-32602), code: "policy.no_grant",
            rule: "no-grant"),
        DeniedRequest(
            tool: "nuke", arguments: [:], answer: .error(-32602), code: "policy.forbid",
            rule: "no-nuke"),
        DeniedRequest(
            tool: "unheard", arguments: [:], answer: .error(-32602), code: "policy.unlisted_tool",
            rule: "unlisted-tool"),
        DeniedRequest(
            tool: "look", arguments: ["n": "x"], answer: .refused(4030, "violation"),
            code: "schema.violation", rule: "schema"),
        DeniedRequest(
            tool: "look", arguments: ["other": 1], answer: .refused(4030, "extra-field"),
            code: "schema.extra_field", rule: "schema"),
    ]

    @Test(arguments: denials.indices)
    func `a denied call has one record and no intent`(index: Int) async throws {
        let denial = Self.denials[index]
        let bench = try Bench()
        let client = try await Client.open(bench)
        await bench.check(denial.answer, records: [.callDenied]) {
            await client.call(denial.tool, denial.arguments)
        }
        let record = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(record.fields["dec"] == "deny")
        #expect(record.fields["code"] == .string(denial.code))
        #expect(record.fields["rule"] == .string(denial.rule))
        #expect(record.fields["cnt"] == 1)
        #expect(record.fields["intent"] == nil)
        #expect(record.fields["call"]?.string?.count == 26)
        #expect(record.payloads.first?.field == "args")
    }

    @Test func `a refusal tells the model its rule and its decision, never the policy`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let exchange = await client.call("audit")
        let result = try #require(exchange.message?["result"])
        let decision = try #require(result["_meta"]?["interlock/decision"])
        let call = try #require(bench.ledger.drafts(of: .callDenied).last?.fields["call"]?.string)
        #expect(decision["decisionId"] == .string("dec_" + call))
        #expect(decision["ruleId"]?.string == "agents.clerk.mcp_scopes.desk[2]")
        #expect(exchange.now.response?.status == 200)
        let text = result["content"]?.array?.first?["text"]?.string ?? ""
        let sentence =
            "the policy does not permit this call: guard-false; the tool is permitted under a condition that this call does not meet"
        #expect(text == "\(sentence) (rule agents.clerk.mcp_scopes.desk[2])")
        #expect(!text.contains("false\""))
    }

    /// A tool that is not granted, forbidden, drifted, of another server or unknown: the response is the same.
    @Test func `hidden and unknown tools answer alike but for id and name`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        var changed = Bench.tools
        changed[1] = Bench.tool("report", description: "drifted")
        _ = await client.tools()
        bench.upstreams.set(.ready(generation: 2, tools: changed), of: "desk")
        func answer(_ name: String, _ arguments: JSONObject) async -> [String] {
            let exchange = await client.send(
                "tools/call", id: 5,
                ["name": .string(name), "arguments": .object(arguments)])
            let response = exchange.now.response
            let body = String(decoding: response?.body ?? [], as: UTF8.self)
            return [
                body.replacing(name, with: "NAME"), "\(response?.status ?? 0)",
                "\(response?.headers ?? [])",
            ]
        }
        let unknown = await answer("desk__unheard", [:])
        #expect(unknown[0].contains("unknown tool: NAME"))
        for name in ["desk__secret", "desk__nuke", "desk__report", "other__tool", "x", "a b"] {
            #expect(await answer(name, [:]) == unknown, "\(name)")
            #expect(await answer(name, ["n": "no number"]) == unknown, "\(name), bad arguments")
        }
        try await bench.halt(.server(try #require(ServerName("desk"))))
        #expect(await answer("desk__secret", [:]) == unknown, "a halt tells nothing either")
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `the path of one server takes its own names`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        await bench.check(.text("done"), sent: 1) {
            await client.send("tools/call", id: 3, ["name": "look"], path: "/mcp/desk")
        }
        await bench.check(.error(-32602)) {
            await client.send("tools/call", id: 4, ["name": "desk__look"], path: "/mcp/desk")
        }
        await bench.check(.error(-32602)) {
            await client.send("tools/call", id: 5, ["name": "look"], path: "/mcp/wiki")
        }
    }

    @Test func `a stranger's request is recorded without a run`() async throws {
        let bench = try Bench()
        for (bearer, code) in [("Not A Name", "malformed_token"), ("nobody", "unknown_agent")] {
            let client = Client.sessionless(bench, as: bearer)
            await bench.check(.http(401), records: [.accessRefused]) { await client.call("look") }
            #expect(bench.ledger.drafts.last?.run == nil)
            #expect(bench.ledger.drafts.last?.fields["code"] == .string("access." + code))
        }
        #expect(bench.gateway.counters.unauthenticated.value == 2)
    }

    struct Upstream: Sendable {
        let answer: UpstreamResponse
        let expected: Expected
        let state: String?
        let code: String?
        let outcome: String?
    }

    static let answers = [
        Upstream(
            answer: .rpcError(code: -32000, message: "broken"),
            expected: .refused(5020, "rpc-error"), state: "error", code: "upstream.rpc_error",
            outcome: "failed"),
        Upstream(
            answer: .failed(.notExecuted, reason: "down"), expected: .refused(5020, "failed"),
            state: "not_executed", code: "upstream.failed", outcome: "not_executed"),
        Upstream(
            answer: .failed(.failed, reason: "500"), expected: .refused(5020, "failed"),
            state: "error", code: "upstream.failed", outcome: "failed"),
        Upstream(
            answer: .failed(.unknown, reason: "reset"), expected: .refused(5020, "failed"),
            state: nil, code: nil, outcome: "unknown"),
        Upstream(
            answer: .exceeded(ResponseExcess(.depth, "nested too deep at byte 130")),
            expected: .refused(5020, "result-too-deep"), state: nil, code: nil, outcome: "unknown"),
        Upstream(
            answer: .exceeded(ResponseExcess(.size, "an event is above 4194304 bytes")),
            expected: .refused(5020, "result-too-large"), state: nil, code: nil,
            outcome: "unknown"),
        Upstream(
            answer: .timedOut(.unknown), expected: .refused(5040, "timeout"), state: nil, code: nil,
            outcome: "unknown"),
        Upstream(
            answer: .timedOut(.notExecuted), expected: .refused(5040, "timeout"),
            state: "not_executed", code: "upstream.timeout", outcome: "not_executed"),
        Upstream(
            answer: .cancelled(confirmed: false), expected: .refused(5020, "cancelled"),
            state: nil, code: nil, outcome: "unknown"),
        Upstream(
            answer: .text("no", ["isError": true]), expected: .text("no"), state: "tool_error",
            code: "upstream.tool_error", outcome: nil),
        Upstream(
            answer: .result(["content": "no list"], bytes: Array("{}".utf8)),
            expected: .refused(5020, "malformed"), state: "withheld", code: "schema.result",
            outcome: "executed"),
    ]

    @Test(arguments: answers.indices)
    func `each end of a sent call closes its intent once`(index: Int) async throws {
        let row = Self.answers[index]
        let bench = try Bench()
        bench.upstreams.answer { _ in row.answer }
        let client = try await Client.open(bench)
        let closing: RecordType = row.state == nil ? .callUnknown : .callOutcome
        var exchange: FakeExchange?
        await bench.check(row.expected, records: [.callIntent, closing], sent: 1) {
            let answer = await client.call("look")
            exchange = answer
            return answer
        }
        let record = try #require(bench.ledger.drafts.last)
        #expect(record.fields["st"]?.string == row.state)
        #expect(record.fields["code"]?.string == row.code)
        #expect(record.fields["intent"]?.string != nil)
        let decision = exchange?.message?["result"]?["_meta"]?["interlock/decision"]
        #expect(decision?["outcome"]?.string == row.outcome)
        if closing == .callUnknown { #expect(record.fields["last"] == "intent") }
    }
}
