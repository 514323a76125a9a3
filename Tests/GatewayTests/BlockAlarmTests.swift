import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A blocked call raises an alert (R058); a loop of them raises few.
@Suite struct `AlertRaiser about blocked calls` {
    private func agent(_ number: Int = 0) throws -> AgentName {
        try #require(AgentName("agent-\(number)"))
    }
    private let start = BootTime(microseconds: 1_000_000)

    @Test func `the first call raises one, the rest of the minute is counted`() throws {
        let alarms = BlockedCallAlerts()
        #expect(alarms.take(try agent(), .noGrant, at: start) == 1)
        for second in 1..<60 {
            let now = start + .seconds(second)
            #expect(alarms.take(try agent(), .noGrant, at: now) == nil)
        }
        #expect(alarms.take(try agent(), .noGrant, at: start + .seconds(60)) == 60)
        #expect(alarms.take(try agent(), .noGrant, at: start + .seconds(61)) == nil)
    }

    @Test func `agents and reasons are told apart`() throws {
        let alarms = BlockedCallAlerts()
        #expect(alarms.take(try agent(), .noGrant, at: start) == 1)
        #expect(alarms.take(try agent(), .forbid, at: start) == 1)
        #expect(alarms.take(try agent(1), .noGrant, at: start) == 1)
    }

    @Test func `what is kept in memory has a bound, and makes room by itself`() throws {
        let alarms = BlockedCallAlerts()
        for number in 0..<BlockedCallAlerts.most {
            _ = alarms.take(try agent(number), .forbid, at: start)
        }
        let one = try agent(BlockedCallAlerts.most)
        #expect(alarms.take(one, .forbid, at: start + .seconds(59)) == nil)
        #expect(alarms.take(one, .forbid, at: start + .seconds(60)) == 1)
    }

    @Test func `an alarm names the agent, the rule and the first call`() async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        for _ in 0..<3 { await client.call("secret") }
        let denied = bench.ledger.drafts(of: .callDenied)
        let alarm = try #require(bench.ledger.drafts(of: .alarmRaised).last)
        #expect(bench.ledger.drafts(of: .alarmRaised).count == 1)
        #expect(alarm.fields["code"] == "call.blocked")
        #expect(alarm.fields["subject"] == "clerk")
        #expect(alarm.fields["call"] == denied.first?.fields["call"])
        #expect(alarm.fields["rule"] == denied.first?.fields["rule"])
    }

    /// A record with an empty name would be refused, and the alert lost.
    @Test func `an alarm about nothing that has a name is a record without one`() throws {
        let bench = try Bench()
        bench.gateway.raise(alarm: "approval.vote_refused", subject: "")
        let alarm = try #require(bench.ledger.drafts(of: .alarmRaised).last)
        #expect(alarm.fields["code"] == "approval.vote_refused")
        #expect(alarm.fields["subject"] == nil)
    }

    @Test func `what people may still permit, or a halt stops, raises none`() async throws {
        let bench = try Bench()
        try await bench.halt(.agent(try #require(AgentName("clerk"))))
        await Client.sessionless(bench).call("look")
        #expect(bench.ledger.drafts(of: .alarmRaised).isEmpty)
    }
}
