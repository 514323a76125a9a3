import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockLimits
import InterlockModel
import InterlockPolicy
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// R151: the check before a call is sent detects any change made while the call waited, whatever it waited for.
@Suite struct `The last check before a call is sent` {
    /// An event that withdraws a call's permission.
    enum Cause: String, CaseIterable, Sendable {
        case halt, reload, obligation, quarantine, drift, revoked, expired, overdue, elsewhere
        case paused
    }

    static let agent = "clerk"
    private static let granted = "look, report, {tool: audit, when: \"false\"}, note, mail, pay"
    private static let scopes = "    mcp_scopes: {desk: [\(granted), nuke]}"

    /// The code and reason of the refusal.
    private static func refusal(_ cause: Cause) -> Expected {
        switch cause {
        case .halt: .refused(4230, "halted")
        case .reload: .refused(4030, "no-grant")
        case .obligation: .refused(4030, "obligations")
        case .quarantine, .drift: .refused(4030, "quarantined")
        case .revoked: .refused(4030, "revoked")
        case .expired: .refused(4030, "expired")
        case .overdue: .refused(4030, "overdue-agent")
        case .elsewhere: .refused(4030, "foreign-workload")
        case .paused: .refused(4290, "breaker-agent")
        }
    }

    private static func bring(_ cause: Cause, on bench: Bench) async throws {
        let server = try #require(ServerName("desk"))
        switch cause {
        case .halt: _ = try await bench.halt(.agent(try #require(AgentName(agent))))
        case .reload: try bench.swapUnseen([(scopes, "    mcp_scopes: {desk: [audit]}")])
        case .obligation:
            try bench.swapUnseen([
                (
                    scopes,
                    "    data: {desk.look: {drop: [iban]}, desk.pay: {drop: [iban]}}\n" + scopes
                )
            ])
        case .quarantine: bench.gateway.pins.shutOff(server, .person("a rehearsal"))
        case .drift:
            let changed = Bench.tools.map {
                Bench.tool($0["name"]?.string ?? "", description: "another tool")
            }
            bench.upstreams.set(.ready(generation: 2, tools: changed), of: "desk")
        case .revoked: bench.authenticator.revoke(agent)
        case .expired:
            bench.authenticator.expire(agent)
            bench.clock.advance(.seconds(60))
        case .overdue: try bench.swapUnseen([("\"2027-02-01\"", "\"2026-10-01\"")])
        case .elsewhere:
            try bench.swapUnseen([
                ("    tier: medium", "    tier: medium\n    workloads: {uid: 4711}")
            ])
        case .paused:
            let held = HeldRun(
                run: NameAuthenticator.run(of: agent),
                agent: try #require(AgentName(agent)), step: .pause, reason: "person", until: nil)
            bench.gateway.breakers.recall([held], at: bench.clock.boot)
        }
    }

    @Test(arguments: Cause.allCases)
    func `a change during the wait for people`(_ cause: Cause) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let call = client.begin("pay")
        let id = try await bench.request().id
        #expect(await until { bench.waiting == 1 })
        try await bench.vote(on: id, by: "ines")
        try await Self.bring(cause, on: bench)
        if cause != .halt { try await bench.vote(on: id, by: "paul") }
        check(await call.answer(), Self.refusal(cause))
        #expect(bench.upstreams.sent.isEmpty)
        #expect(bench.ledger.drafts(of: .approvalUsed).isEmpty, "no grant is used up for nothing")
    }

    @Test(arguments: Cause.allCases)
    func `a change during the wait for witnesses`(_ cause: Cause) async throws {
        let quorum = HeldQuorum()
        let tool = try #require(ToolAddress(wireName: "desk__look"))
        let bench = try Bench(quorum: quorum) { $0.durability = [tool: .witnessed] }
        let client = try await Client.open(bench)
        let call = client.begin("look")
        #expect(await until { quorum.gate.arrived == 1 })
        try await Self.bring(cause, on: bench)
        quorum.gate.open()
        check(await call.answer(), Self.refusal(cause))
        #expect(bench.upstreams.sent.isEmpty)
        let denied = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denied.fields["intent"] != nil, "the intent is closed")
    }

    @Test(arguments: Cause.allCases)
    func `a change during the wait for witnesses after people approved`(_ cause: Cause) async throws
    {
        let quorum = HeldQuorum()
        let bench = try Bench(quorum: quorum)
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        let call = client.begin("pay")
        #expect(await until { quorum.gate.arrived == 1 })
        try await Self.bring(cause, on: bench)
        quorum.gate.open()
        check(await call.answer(), Self.refusal(cause))
        #expect(bench.upstreams.sent.isEmpty)
        #expect(bench.ledger.drafts(of: .approvalUsed).count == 1, "a used grant stays used")
    }

    @Test(arguments: Cause.allCases)
    func `a change while the use of a grant is written`(_ cause: Cause) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        let gate = Gate()
        bench.ledger.hold(.approvalUsed, at: gate)
        let call = client.begin("pay")
        #expect(await until { gate.arrived == 1 })
        try await Self.bring(cause, on: bench)
        gate.open()
        check(await call.answer(), Self.refusal(cause))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(arguments: [true, false])
    func `an elevation that ends while witnesses are awaited`(byHand: Bool) async throws {
        let quorum = HeldQuorum()
        let tool = try #require(ToolAddress(wireName: "desk__secret"))
        let bench = try Bench(quorum: quorum) { $0.durability = [tool: .witnessed] }
        let client = try await Client.open(bench)
        let now = bench.clock.now.wall
        bench.gateway.elevations.replace(with: [
            StoreElevation(
                id: "up1", agent: try #require(AgentName(Self.agent)),
                grants: ["desk": [["tool": "secret"]]], from: now, until: now + .seconds(60))
        ])
        let call = client.begin("secret")
        #expect(await until { quorum.gate.arrived == 1 })
        if byHand {
            bench.gateway.elevations.replace(with: [])
        } else {
            bench.clock.advance(.seconds(60))
        }
        quorum.gate.open()
        check(await call.answer(), .refused(4030, "no-grant"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a vote that is revoked while witnesses are awaited`() async throws {
        let quorum = HeldQuorum()
        let bench = try Bench(quorum: quorum)
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        let call = client.begin("pay")
        #expect(await until { quorum.gate.arrived == 1 })
        try bench.revokeKeys(of: "paul")
        quorum.gate.open()
        check(await call.answer(), .refused(4031, "not-granted"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(arguments: ["finance: {members: [ines", "finance: {members: [joe"])
    func `other people than those who approved are asked meanwhile`(group: String) async throws {
        let quorum = HeldQuorum()
        let bench = try Bench(quorum: quorum)
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", [:], to: client, by: "ines", "paul")
        let call = client.begin("pay")
        #expect(await until { quorum.gate.arrived == 1 })
        try bench.swapUnseen([("finance: {members: [ines", group)])
        quorum.gate.open()
        let isSame = group.hasSuffix("ines")
        check(
            await call.answer(),
            isSame ? .text("done") : .refused(4030, "approval-required"))
        #expect(bench.upstreams.sent.count == (isSame ? 1 : 0))
    }

    @Test func `the policy asks for witnesses since the decision`() async throws {
        let quorum = HeldQuorum()
        let bench = try Bench(
            policy: [("class: write, effects: [reversible]", "class: read")], quorum: quorum)
        let client = try await Client.open(bench)
        let gate = Gate()
        bench.ledger.hold(.callIntent, at: gate)
        let call = client.begin("note")
        #expect(await until { gate.arrived == 1 })
        try bench.swapUnseen([
            ("class: write, effects: [reversible]", "class: read, effects: [irreversible]")
        ])
        gate.open()
        check(await call.answer(), .refused(4030, "durability"))
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test func `a token that is only near its end, or of which another was revoked, goes on`()
        async throws
    {
        let quorum = HeldQuorum()
        let tool = try #require(ToolAddress(wireName: "desk__look"))
        let bench = try Bench(quorum: quorum) { $0.durability = [tool: .witnessed] }
        let client = try await Client.open(bench)
        let call = client.begin("look")
        #expect(await until { quorum.gate.arrived == 1 })
        bench.authenticator.revoke("reader")
        bench.clock.advance(.seconds(60))
        quorum.gate.open()
        check(await call.answer(), .text("done"))
    }

    @Test func `a call that waits for nothing looks its credential up once`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let before = bench.authenticator.lookUps
        check(await client.call("look"), .text("done"))
        #expect(bench.authenticator.lookUps == before + 1)
    }
}

/// A quorum that is reached when the test opens the gate.
final class HeldQuorum: CallQuorum {
    let gate = Gate()
    var isConfigured: Bool { true }
    var ageSeconds: Int64? { nil }
    var lags: [(witness: String, seconds: Int64)] { [] }
    func reach() async -> Bool {
        await gate.pass()
        return true
    }
}
