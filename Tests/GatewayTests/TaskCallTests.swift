import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls and lists of a run that has a task as its purpose (docs/specs/output-safety.md, section 7). The bearer
/// `clerk~visit` is of such a run.
@Suite(.requirement("R084")) struct TaskCallTests {
    private static func tasks(_ text: String) -> [(String, String)] {
        [("agents:\n  clerk:", "tasks:\n  \(text)\nagents:\n  clerk:")]
    }
    private static let visit = tasks("visit: {agent: clerk, tools: [desk.look, desk.pay]}")
    private static let narrower = tasks("visit: {agent: clerk, tools: [desk.look]}")

    @Test func `a call outside the task is denied with its rule, and none arrives`() async throws {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk~visit")
        check(await client.call("look"), .text("done"))
        for tool in ["report", "note"] {
            check(await client.call(tool), .refused(4030, "out-of-task"))
        }
        #expect(bench.upstreams.sent.count == 1)
        #expect(bench.ledger.drafts(of: .approvalRequested).isEmpty)
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["code"] == "policy.out_of_task")
        #expect(denied.fields["rule"] == "tasks.visit" && denied.fields["tool"] == "desk__note")
        let input = try #require(denied.plaintext("in"))
        let recorded = try RecordedDecision(parsing: input)
        #expect(recorded.purpose == "visit")
        #expect(recorded.decide([:], under: bench.policy).reason == .outOfTask)
        let alerts = bench.ledger.drafts(of: .alarmRaised)
        #expect(alerts.contains { $0.fields["code"] == "call.blocked" })
        // A hidden tool is as unknown as without a task.
        check(await client.call("secret"), .error(-32602))
    }

    @Test func `a run without a purpose may do what the policy grants`() async throws {
        let bench = try Bench(policy: Self.visit, stage: 3)
        let client = try await Client.open(bench, as: "clerk!")
        for tool in ["look", "note"] { check(await client.call(tool), .text("done")) }
    }

    @Test func `each session of the run has the task`() async throws {
        let bench = try Bench(policy: Self.visit)
        let first = try await Client.open(bench, as: "clerk~visit")
        let second = try await Client.open(bench, as: "clerk~visit")
        #expect(first.session != second.session)
        for client in [first, second] {
            check(await client.call("report"), .refused(4030, "out-of-task"))
        }
        let modern = ModernClient(bench: bench, bearer: "clerk~visit")
        let listed = await modern.send(modern.request("tools/list")).message
        let names = (listed?["result"]?["tools"]?.array ?? []).compactMap { $0["name"]?.string }
        #expect(names == ["desk__look", "desk__pay"])
    }

    @Test func `lists have the tools of the task alone, and follow the policy`() async throws {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk~visit")
        let free = try await Client.open(bench, as: "clerk!")
        #expect(await client.tools() == ["desk__look", "desk__pay"])
        let all = await free.tools()
        #expect(Set(all).isSuperset(of: ["desk__look", "desk__note", "desk__pay"]))
        try await bench.swap(Self.narrower)
        #expect(await client.tools() == ["desk__look"])
        #expect(await free.tools() == all)
        try await bench.swap([])
        #expect(await client.tools() == [])
        #expect(await free.tools() == all)
    }

    @Test func `a run whose task is gone, or is another agent's, may do nothing`() async throws {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk~visit")
        check(await client.call("look"), .text("done"))
        for change in [[], Self.tasks("visit: {agent: reader, tools: [desk.look]}")] {
            try await bench.swap(change)
            check(await client.call("look"), .refused(4030, "out-of-task"))
        }
        #expect(bench.upstreams.sent.count == 1)
        try await bench.swap(Self.visit)
        check(await client.call("look"), .text("done"))
    }

    /// The bearer `clerk` has the purpose `test`, which named no task when it was issued.
    @Test func `a token that is older than the tasks of its agent is narrowed as well`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        check(await client.call("look"), .text("done"))
        try await bench.swap(Self.visit)
        check(await client.call("look"), .refused(4030, "out-of-task"))
        #expect(await client.tools() == [])
        let input = try #require(bench.ledger.drafts(of: .callDenied).last?.plaintext("in"))
        let recorded = try RecordedDecision(parsing: input)
        #expect(recorded.decide([:], under: bench.policy).reason == .outOfTask)
        try await bench.swap(Self.tasks("test: {agent: clerk, tools: [desk.look]}"))
        check(await client.call("look"), .text("done"))
        check(await client.call("report"), .refused(4030, "out-of-task"))
        #expect(await client.tools() == ["desk__look"])
        try await bench.swap(Self.tasks("visit: {agent: reader, tools: [desk.look]}"))
        check(await client.call("look"), .text("done"))
        #expect(await client.tools().contains("desk__note"))
        #expect(bench.upstreams.sent.count == 3)
    }

    @Test(arguments: ["Ticket 5512", "other-purpose-0", "vist", ""])
    func `words that name no task of an agent with tasks are a task without tools`(
        words: String
    ) throws {
        let bench = try Bench(policy: Self.visit)
        let clerk = try #require(AgentName("clerk"))
        let principal = Principal(
            agent: clerk, run: bench.gateway.newID(), purpose: RunPurpose.text(words),
            onBehalfOf: nil,
            credential: "jti", expires: bench.clock.now.wall)
        let task = try #require(bench.policy.task(of: principal))
        let look = try #require(ToolAddress(wireName: "desk__look"))
        #expect(!bench.policy.isInTask(look, task, of: clerk))
    }

    @Test func `a token is made for a task of its agent, and for no other purpose`() async throws {
        let bench = try Bench(policy: Self.visit)
        let tokens = AgentTokenService(gateway: bench.gateway, issuer: RunTokens())
        let clerk = try #require(AgentName("clerk"))
        let reader = try #require(AgentName("reader"))
        func order(_ agent: AgentName, _ purpose: String?) -> TokenOrder {
            TokenOrder(
                agent: agent, run: bench.gateway.newID(), purpose: purpose, onBehalfOf: nil,
                lifetime: .seconds(3600))
        }
        for refused in [
            order(clerk, "vist"), order(clerk, "Ticket 5512"), order(reader, "visit"),
        ] {
            await #expect(throws: Problem.self) { try await tokens.issue(refused) }
        }
        #expect(bench.ledger.drafts(of: .tokenIssued).isEmpty)
        #expect(try await tokens.issue(order(clerk, "visit")).token.hasSuffix("~visit"))
        for plain in [order(clerk, nil), order(reader, "Ticket 5512")] {
            #expect(try await !tokens.issue(plain).token.contains("~"))
        }
    }

    @Test func `a request for approval ends when its tool leaves the task`() async throws {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk~visit")
        let call = client.begin("pay")
        let request = try await bench.request()
        try await bench.swap(Self.narrower)
        #expect(bench.approvals[request.id]?.state == .void)
        _ = await call.answer()
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a request ends when the task of its run is gone`() async throws {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk~visit")
        let call = client.begin("pay")
        let request = try await bench.request()
        #expect(request.review.facts[ReviewDocument.task] == "visit")
        try await bench.swap([])
        #expect(bench.approvals[request.id]?.state == .void)
        _ = await call.answer()
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a request of a run without a purpose stays whatever tasks there are`()
        async throws
    {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk!")
        let call = client.begin("pay")
        let request = try await bench.request()
        #expect(request.review.facts["run_purpose"] == "")
        #expect(request.review.facts[ReviewDocument.task] == nil)
        try await bench.swap(Self.tasks("test: {agent: clerk, tools: [desk.look]}"))
        #expect(bench.approvals[request.id]?.state == .pending)
        for person in ["ines", "paul"] { try await bench.vote(on: request.id, by: person) }
        check(await call.answer(), .text("done"))
    }

    @Test func `what people approved is not sent if the tool has left the task`() async throws {
        let bench = try Bench(policy: Self.visit)
        let client = try await Client.open(bench, as: "clerk~visit")
        let call = client.begin("pay")
        let request = try await bench.request()
        try await bench.vote(on: request.id, by: "ines")
        // The policy is replaced while the last vote is being recorded.
        let gate = Gate()
        bench.ledger.hold(.approvalGranted, at: gate)
        let vote = Task { try await bench.vote(on: request.id, by: "paul") }
        _ = await until { gate.arrived == 1 }
        try bench.swapUnseen(Self.narrower)
        gate.open()
        _ = try await vote.value
        check(await call.answer(), .refused(4030, "out-of-task"))
        #expect(bench.upstreams.sent.isEmpty)
    }
}
