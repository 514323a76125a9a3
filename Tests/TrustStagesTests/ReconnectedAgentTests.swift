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
@testable import InterlockTrust
@testable import InterlockTrustStages

/// An agent that reconnects has the stage that demotions left (docs/specs/trust-and-review.md, section 6).
@Suite(.requirement("R123", "R127")) struct ReconnectedAgentTests {
    private let clerk = StageBench.clerk

    /// Opens a session, in which a call of `note` must wait for people: it is allowed at stage 2 and above alone.
    private func checkAsks(_ staged: StageBench, as bearer: String) async throws {
        let client = try await Client.open(staged.bench, as: bearer)
        let call = client.begin("note", ["text": "x"])
        let request = try await staged.bench.request()
        #expect(request.review.call.stage == .supervised)
        call.exchange.close()
        _ = await call.answer()
    }

    /// The argument is the credential: that of the run of before, or of another run of the agent.
    @Test(arguments: ["clerk", "clerk#2"])
    func `neither a new session, nor another run, nor a restart gives a stage back`(
        _ bearer: String
    ) async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .bounded)
        let client = try await Client.open(staged.bench)
        check(await client.call("note", ["text": "x"]), .text("done"))
        staged.registry.demote(clerk, by: .denials)
        try await checkAsks(staged, as: bearer)
        #expect(await staged.stored(1))
        let next = try await StageBench(log: staged.log, clock: staged.bench.clock)
        try await checkAsks(next, as: bearer)
        #expect(staged.bench.upstreams.sent.count == 1)
        #expect(next.bench.upstreams.sent.isEmpty)
    }

    @Test func `an agent of another name does not inherit a stage`() async throws {
        let staged = try await StageBench()
        try await staged.rise(to: .full)
        #expect(staged.registry.stage(of: StageBench.reader).number == 0)
        let terms = try #require(
            staged.bench.gateway.terms(of: StageBench.reader, in: staged.bench.policy))
        #expect(terms.stage == .supervised && terms.quotaPercent == 25)
    }
}
