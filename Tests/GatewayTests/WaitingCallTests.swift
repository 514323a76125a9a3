import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A call that waits for people, as its caller sees it (docs/specs/mcp.md, section 7).
@Suite struct `Waiting calls` {
    static let pages = "https://interlock.example/approvals"
    static let url: JSONObject = ["elicitation": ["url": [:]]]
    static let form: JSONObject = ["elicitation": [:]]
    /// A policy in which `reader`, whose tier is low, needs approval for `look`.
    static let low = [
        (
            "mcp_scopes: {desk: [look]}",
            "approvers: finance\n    approval_required: [desk.look]\n    mcp_scopes: {desk: [look]}"
        )
    ]

    static func bench(
        _ policy: [(String, String)] = [], takesConsent: Bool = false,
        pages: String? = pages, hold: Duration = .seconds(60)
    ) throws -> Bench {
        try Bench(policy: policy, takesConsent: takesConsent) { settings in
            settings.approvalPages = pages
            settings.hold = hold
        }
    }

    static func answer(_ id: JSONValue?, _ result: JSONValue) -> JSONValue {
        ["jsonrpc": "2.0", "id": id ?? .null, "result": result]
    }

    static func retry(
        _ client: ModernClient, _ tool: String, _ state: JSONValue?, _ responses: JSONObject? = nil
    ) -> ModernClient.Request {
        var request = client.call(tool, ["n": 1], id: 8)
        request.params["inputResponses"] = responses.map(JSONValue.object)
        request.params["requestState"] = state
        return request
    }

    // MARK: The page's address

    @Test func `a modern caller gets the page's address, and opening it approves nothing`()
        async throws
    {
        let bench = try Self.bench()
        let client = ModernClient(bench: bench, capabilities: Self.url)
        let first = await client.send(client.call("note", ["n": 1]))
        let result = try #require(first.message?["result"])
        let id = try await bench.request().id
        #expect(result["resultType"] == "input_required")
        let asked = result["inputRequests"]?["approval"]
        #expect(asked?["method"] == "elicitation/create")
        #expect(asked?["params"]?["mode"] == "url")
        #expect(asked?["params"]?["url"] == .string("\(Self.pages)/\(id.shown)"))
        #expect(asked?["params"]?["elicitationId"] == nil)
        #expect(
            asked?["params"]?["message"]
                == "Interlock: desk.note needs approval by finance (rule controls.reversible).")
        let exchange = FakeExchange()
        let held = Task {
            await client.send(
                Self.retry(
                    client, "note", result["requestState"], ["approval": ["action": "accept"]]),
                exchange)
        }
        #expect(await until { bench.waiting == 1 })
        #expect(bench.upstreams.sent.isEmpty && bench.approvals[id]?.state == .pending)
        try await bench.vote(on: id, by: "ines")
        check(await held.value, .text("done"))
        #expect(bench.upstreams.sent.count == 1)
        #expect(bench.types.filter { $0 == .callIntent }.count == 1)
    }

    @Test func `declining withdraws, cancelling leaves it waiting`() async throws {
        let bench = try Self.bench(hold: .milliseconds(30))
        let client = ModernClient(bench: bench, capabilities: Self.url)
        let first = await client.send(client.call("note", ["n": 1]))
        let id = try await bench.request().id
        check(
            await client.send(
                Self.retry(
                    client, "note", first.message?["result"]?["requestState"],
                    ["approval": ["action": "decline"]])),
            .refused(4031, "withdrawn"))
        #expect(bench.approvals[id]?.cause == .declined)
        let second = await client.send(client.call("note", ["n": 1]))
        let other = try await bench.request().id
        let held = await client.send(
            Self.retry(
                client, "note", second.message?["result"]?["requestState"],
                ["approval": ["action": "cancel"]]))
        #expect(held.message?["result"]?["resultType"] == "input_required")
        #expect(bench.approvals[other]?.state == .pending)
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `after the address two rounds bring the state alone, then the call is pending`()
        async throws
    {
        let bench = try Self.bench(hold: .milliseconds(30))
        let client = ModernClient(bench: bench, capabilities: Self.url)
        var last = await client.send(client.call("note", ["n": 1]))
        for round in 1...2 {
            last = await client.send(
                Self.retry(
                    client, "note", last.message?["result"]?["requestState"],
                    round == 1 ? ["approval": ["action": "accept"]] : nil))
            let result = try #require(last.message?["result"])
            #expect(result["resultType"] == "input_required", "round \(round): \(result)")
            #expect(result["inputRequests"] == nil)
        }
        last = await client.send(
            Self.retry(client, "note", last.message?["result"]?["requestState"]))
        check(last, .refused(4032, "pending"))
        let text = last.message?["result"]?["content"]?.array?.first?["text"]?.string ?? ""
        #expect(text.contains("at \(Self.pages); repeat the same call"))
        #expect(bench.types.filter { $0 == .callIntent }.count == 1)
    }

    @Test func `who repeats the call within the window is not shown the page again`() async throws {
        let bench = try Self.bench(hold: .milliseconds(30))
        let client = ModernClient(bench: bench, capabilities: Self.url)
        let first = await client.send(client.call("note", ["n": 1]))
        #expect(first.message?["result"]?["inputRequests"] != nil)
        let again = await client.send(client.call("note", ["n": 1], id: 9))
        #expect(again.message?["result"]?["resultType"] == "input_required")
        #expect(again.message?["result"]?["inputRequests"] == nil)
        bench.clock.advance(.seconds(60))
        let later = await client.send(client.call("note", ["n": 1], id: 10))
        #expect(later.message?["result"]?["inputRequests"] != nil)
    }

    @Test func `a legacy caller gets the address on its stream and hears that it is over`()
        async throws
    {
        let bench = try Self.bench()
        let client = try await Client.open(
            bench, version: .v2025_11_25, capabilities: Self.url)
        let call = client.begin("note", ["n": 1])
        let question = try await `Questions to legacy callers`.question(call)
        let id = try await bench.request().id
        #expect(question["method"] == "elicitation/create")
        #expect(question["params"]?["url"] == .string("\(Self.pages)/\(id.shown)"))
        let elicitation = try #require(question["params"]?["elicitationId"]?.string)
        check(await client.post(Self.answer(question["id"], ["action": "accept"])), .http(202))
        #expect(bench.approvals[id]?.state == .pending && bench.upstreams.sent.isEmpty)
        try await bench.vote(on: id, by: "ines")
        let exchange = await call.answer()
        check(exchange, .text("done"))
        let over = exchange.messages.first {
            $0["method"] == "notifications/elicitation/complete"
        }
        #expect(over?["params"]?["elicitationId"] == .string(elicitation))
    }

    @Test func `a legacy decline withdraws`() async throws {
        let bench = try Self.bench()
        let client = try await Client.open(
            bench, version: .v2025_11_25, capabilities: Self.url)
        let call = client.begin("note", ["n": 1])
        let question = try await `Questions to legacy callers`.question(call)
        check(await client.post(Self.answer(question["id"], ["action": "decline"])), .http(202))
        check(await call.answer(), .refused(4031, "withdrawn"))
    }

    // MARK: Forms

    @Test(arguments: [ProtocolVersion.v2025_06_18, .v2025_11_25])
    func `a form says where people decide, without an address, and decides nothing`(
        _ version: ProtocolVersion
    ) async throws {
        let bench = try Self.bench(takesConsent: true)
        let client = try await Client.open(bench, version: version, capabilities: Self.form)
        let call = client.begin("note", ["n": 1])
        let question = try await `Questions to legacy callers`.question(call)
        let id = try await bench.request().id
        let message = question["params"]?["message"]?.string ?? ""
        #expect(message.contains(id.shown) && !message.contains("http"))
        #expect(question["params"]?["requestedSchema"]?["properties"] == [:])
        #expect((question["params"]?["mode"] == nil) == (version == .v2025_06_18))
        check(
            await client.post(
                Self.answer(
                    question["id"], ["action": "accept", "content": ["decision": "approve"]])),
            .http(202))
        #expect(bench.approvals[id]?.state == .pending)
        try await bench.vote(on: id, by: "ines")
        check(await call.answer(), .text("done"))
    }

    @Test func `a client without a console is told by form too`() async throws {
        let bench = try Self.bench(pages: nil)
        let client = ModernClient(
            bench: bench, capabilities: ["elicitation": ["url": [:], "form": [:]]])
        let first = await client.send(client.call("note", ["n": 1]))
        let asked = first.message?["result"]?["inputRequests"]?["approval"]?["params"]
        #expect(asked?["mode"] == "form" && asked?["url"] == nil)
    }

    // MARK: Progress

    @Test func `whoever asked for progress hears that its call waits, then what its server says`()
        async throws
    {
        let bench = try Self.bench()
        bench.upstreams.answer { call in
            call.notices?.progress(["progress": 1, "total": 2])
            return .done
        }
        let client = try await Client.open(bench)
        let call = client.begin("note", token: "mine")
        let id = try await bench.request().id
        _ = await until { !call.exchange.messages.isEmpty }
        let waiting = try #require(call.exchange.messages.first?["params"])
        #expect(waiting["progressToken"] == "mine")
        #expect(waiting["message"]?.string?.contains(id.shown) == true)
        try await bench.vote(on: id, by: "ines")
        check(await call.answer(), .text("done"))
        let told = call.exchange.messages.compactMap { $0["params"]?["progress"] }
        #expect(told.count == 2 && told.last == 1, "\(told)")
        let silent = client.begin("note", ["n": 2])
        let other = try await bench.request().id
        await silent.exchange.isWatched(by: 2)
        #expect(silent.exchange.messages.isEmpty, "nothing that was not asked for")
        try await bench.vote(.deny, on: other, by: "ines")
        check(await silent.answer(), .refused(4031, "denied"))
    }

    // MARK: Consent

    @Test func `at tier low a client's word is taken where it is configured`() async throws {
        let bench = try Self.bench(Self.low, takesConsent: true)
        let client = try await Client.open(
            bench, as: "reader", version: .v2025_11_25, capabilities: Self.form)
        let call = client.begin("look", ["text": "a\u{202E}b"])
        let question = try await `Questions to legacy callers`.question(call)
        #expect(
            question["params"]?["requestedSchema"]?["properties"]?["decision"]?["enum"]
                == ["approve", "deny"])
        let message = question["params"]?["message"]?.string ?? ""
        #expect(message.contains("⟦U+202E⟧"), "\(message)")
        check(
            await client.post(
                Self.answer(
                    question["id"], ["action": "accept", "content": ["decision": "approve"]])),
            .http(202))
        check(await call.answer(), .text("done"))
        let granted = try #require(bench.ledger.drafts(of: .approvalGranted).last)
        #expect(granted.fields["via"] == "client" && granted.fields["by"] == nil)
        #expect(granted.payloads.map(\.field) == ["proof"])
        let used = try #require(bench.ledger.drafts(of: .approvalUsed).last)
        #expect(used.fields["grants"]?.array?.count == 1)
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test(arguments: ["deny", "perhaps"])
    func `any other word is no consent`(_ word: String) async throws {
        let bench = try Self.bench(Self.low, takesConsent: true, hold: .milliseconds(30))
        let client = ModernClient(bench: bench, bearer: "reader", capabilities: Self.form)
        let first = await client.send(client.call("look", ["n": 1]))
        let answer = await client.send(
            Self.retry(
                client, "look", first.message?["result"]?["requestState"],
                [
                    "approval": [
                        "action": "accept", "content": ["decision": .string(word)],
                    ]
                ]))
        check(answer, word == "deny" ? .refused(4031, "withdrawn") : .refused(4032, "pending"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a word that was not asked for is none`() async throws {
        let bench = try Self.bench(Self.low, takesConsent: true)
        let client = ModernClient(bench: bench, bearer: "reader", capabilities: Self.form)
        var request = client.call("look", ["n": 1])
        request.params["inputResponses"] = [
            "approval": ["action": "accept", "content": ["decision": "approve"]]
        ]
        let first = await client.send(request)
        #expect(first.message?["result"]?["resultType"] == "input_required")
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `where it is not configured nobody is asked for a word`() async throws {
        let bench = try Self.bench(Self.low)
        let client = ModernClient(bench: bench, bearer: "reader", capabilities: Self.form)
        let first = await client.send(client.call("look", ["n": 1]))
        let asked = first.message?["result"]?["inputRequests"]?["approval"]?["params"]
        #expect(asked?["requestedSchema"]?["properties"] == [:])
        let id = try await bench.request().id
        #expect(
            await bench.approvals.change(id, .withdraw(.cancelled))
                == .withdrawn(.cancelled))
    }

    @Test func `a caller that cannot be asked is held`() async throws {
        let bench = try Self.bench()
        for capabilities in [JSONObject(), ["sampling": [:]]] {
            let client = ModernClient(bench: bench, capabilities: capabilities)
            let exchange = FakeExchange()
            let held = Task {
                await client.send(client.call("mail", ["n": 1]), exchange)
            }
            let id = try await bench.request().id
            #expect(await until { exchange.now.isStream })
            try await bench.vote(on: id, by: "ines")
            check(await held.value, .text("done"))
        }
    }

    @Test func `what no person decides is not parked`() async throws {
        let bench = try Self.bench()
        let agent = try #require(AgentName("clerk"))
        func needs(_ tool: String) throws -> Bool {
            bench.policy.mayNeedPeople(
                ToolAddress(
                    server: try #require(ServerName("desk")), tool: try #require(ToolName(tool))),
                for: agent, stage: .supervised)
        }
        #expect(try !needs("look"))
        for tool in ["note", "mail", "pay"] { #expect(try needs(tool)) }
    }

    @Test func `a halt while the caller is away is a halt when it comes back`() async throws {
        let bench = try Self.bench()
        let client = ModernClient(bench: bench, capabilities: Self.url)
        let first = await client.send(client.call("note", ["n": 1]))
        let id = try await bench.request().id
        let server = try #require(ServerName("desk"))
        try await bench.halt(.server(server))
        #expect(await until { bench.approvals[id]?.state == .void })
        let second = await client.send(
            Self.retry(
                client, "note", first.message?["result"]?["requestState"],
                ["approval": ["action": "accept"]]))
        check(second, .refused(4230, "halted"))
        #expect(bench.upstreams.sent.isEmpty)
    }
}
