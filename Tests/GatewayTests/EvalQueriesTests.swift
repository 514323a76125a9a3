import InterlockCredentials
import InterlockEvals
import InterlockEvidence
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The change gate as pages and the API show it.
@Suite(.requirement("R116")) struct EvalQueriesTests {
    private let reader = GateBench.reader
    private let clerk = GateBench.clerk
    private let day: Int64 = 86_400
    private let wider = GateBench.policy([
        ("mcp_scopes: {desk: [look]}", "mcp_scopes: {desk: [look, report]}")
    ])

    private func viewer(_ roles: Set<Role>, own: Set<AgentName> = []) throws -> Visibility {
        Visibility(person: try #require(Person("x@acme.example")), roles: roles, own: own)
    }

    private func detail(_ agent: AgentName, _ gated: GateBench) throws -> AgentEvalDetail {
        try #require(gated.service.evals(of: agent, for: try viewer([.security])))
    }

    @Test func `refused agents come first, and each person reads of those in sight`() async throws {
        let gated = try await GateBench()
        try await gated.pass()
        let all = gated.service.agents(in: nil, page: 1, for: try viewer([.security]))
        #expect(all.lines.map(\.agent) == [clerk, reader] && all.count == 2)
        #expect(all.lines.map(\.outlook.state) == [.refused, .served])
        #expect(all.counts == [.refused: 1, .served: 1] && all.refusesMissingFrom == nil)
        #expect(all.lines[0].latest == nil && all.lines[0].next != nil)
        let latest = try #require(all.lines[1].latest)
        #expect(latest.fact == .passed && latest.differences == [])
        #expect(all.lines[1].outlook.until == latest.expires && all.lines[1].next == nil)
        let refused = gated.service.agents(in: .refused, page: 9, for: try viewer([.security]))
        #expect(refused.lines.map(\.agent) == [clerk] && refused.page == 1)
        #expect(refused.counts == all.counts)

        let owner = try viewer([], own: [reader])
        let own = gated.service.agents(in: nil, page: 1, for: owner)
        #expect(own.lines.map(\.agent) == [reader] && own.counts == [.served: 1])
        #expect(gated.service.evals(of: reader, for: owner) != nil)
        #expect(gated.service.evals(of: clerk, for: owner) == nil)
        let unknown = try #require(AgentName("nobody"))
        #expect(gated.service.evals(of: unknown, for: try viewer([.security])) == nil)
        #expect(gated.service.agents(in: nil, page: 1, for: try viewer([])).lines.isEmpty)
    }

    @Test func `a result that ends within 14 days is a warning`() async throws {
        let gated = try await GateBench()
        try await gated.pass()
        #expect(gated.service.warnings(about: [reader, clerk]).keys.sorted() == [clerk])
        gated.bench.clock.advance(.seconds(75 * day))
        #expect(gated.service.warnings(about: [reader]).isEmpty)
        gated.bench.clock.advance(.seconds(2 * day))
        let warning = try #require(gated.service.warnings(about: [reader])[reader])
        #expect(warning.state == .ending && warning.until != nil)
        gated.bench.clock.advance(.seconds(14 * day))
        #expect(gated.service.warnings(about: [reader])[reader]?.state == .refused)
        #expect(try detail(reader, gated).line.fact == .stale)
    }

    @Test(arguments: [(Tier.low, 14), (.medium, 14), (.high, 7)])
    func `no result is near its end before half of its time is over`(
        _ tier: Tier, _ days: Int
    ) async throws {
        let gated = try await GateBench()
        let parts = try gated.parts(of: reader)
        let entry = EvalGate.Entry(result: gated.result(of: parts), signers: [], owners: [])
        #expect(entry.nearness(at: tier) == .seconds(days * 86_400))
        let short = EvalGate.Entry(
            result: gated.result(of: parts, maxAge: 2 * day), signers: [], owners: [])
        #expect(short.nearness(at: tier) == .seconds(day))
    }

    @Test func `after an upgrade a missing result is a warning with its day`() async throws {
        let gated = try await GateBench(isGraced: true)
        let all = gated.service.agents(in: nil, page: 1, for: try viewer([.security]))
        #expect(all.counts == [.ending: 2] && all.refusesMissingFrom != nil)
        #expect(all.lines.allSatisfy { $0.outlook.until == all.refusesMissingFrom })
        #expect(all.lines.allSatisfy { $0.fact == .missing })
    }

    @Test func `the parts that a change of the policy touches are named`() async throws {
        let gated = try await GateBench()
        try await gated.pass()
        let before = try detail(reader, gated)
        #expect(before.parts.map(\.part) == FingerprintPart.allCases)
        #expect(before.parts.allSatisfy { $0.isChanged == false && $0.digest != nil })
        #expect(before.fingerprint == before.results[0].result.fingerprint)
        try await gated.bench.swap(wider)
        let after = try detail(reader, gated)
        #expect(after.line.fact == .missing && after.line.outlook.state == .refused)
        #expect(after.parts.filter { $0.isChanged == true }.map(\.part) == [.policy, .tools])
        #expect(after.results[0].differences == [.policy, .tools] && after.resultCount == 1)
        #expect(after.carriedUntil == nil && after.line.proof == .declared)
        gated.bench.clock.advance(.seconds(2))
        try await gated.pass()
        let passed = try detail(reader, gated)
        #expect(passed.resultCount == 2 && passed.results.first?.differences == [])
        #expect(passed.line.outlook.state == .served)
    }

    @Test func `a narrowing change leaves the result of before for a day`() async throws {
        let gated = try await GateBench(wider)
        try await gated.pass()
        try await gated.bench.swap(GateBench.policy())
        let found = try detail(reader, gated)
        let until = gated.bench.clock.now.wall + .seconds(day)
        #expect(found.line.fact == .passed && found.carriedUntil == until)
        #expect(found.line.outlook == GateOutlook(state: .ending, until: until))
    }

    @Test func `without a result three parts are not known, and two are computed`() async throws {
        let found = try detail(clerk, try await GateBench())
        #expect(found.fingerprint == nil && found.results.isEmpty && found.line.proof == .attested)
        for part in found.parts {
            #expect(part.isChanged == nil && part.isComputed == (part.digest != nil))
        }
        #expect(found.parts.filter(\.isComputed).map(\.part) == [.policy, .tools])
    }

    @Test func `agents that share a prompt or a model are named to those who see both`()
        async throws
    {
        let gated = try await GateBench()
        try await gated.pass()
        try await gated.pass(clerk)
        let found = try detail(reader, gated)
        let shared = found.parts.filter { $0.sharingCount > 0 }
        #expect(shared.map(\.part) == [.model, .prompt])
        #expect(shared.allSatisfy { $0.sharing == [clerk] })
        // Both list no skill, which is nothing that they share.
        #expect(found.parts.filter(\.isNothing).map(\.part) == [.skills])
        let alone = try #require(
            gated.service.evals(of: reader, for: try viewer([], own: [reader])))
        #expect(alone.parts.allSatisfy { $0.sharing.isEmpty && $0.sharingCount == 0 })
    }

    @Test func `an exception is named with its reason and its end`() async throws {
        let gated = try await GateBench()
        let now = gated.bench.clock.now.wall
        let exception = try #require(
            EvalException(
                org: "acme", agent: reader, reason: "the signer is away", from: now,
                until: now + .seconds(3600)))
        let payload = try exception.canonical()
        let signatures = try ["ines", "paul"].flatMap { name in
            try People.all[name].key.envelope(.evalException, payload).signatures
        }
        let envelope = Envelope(
            payloadType: .evalException, payload: payload, signatures: signatures)
        _ = try await gated.service.submit(envelope.json, by: gated.by)
        let found = try detail(reader, gated)
        #expect(found.line.isExcepted && found.exception?.reason == "the signer is away")
        #expect(found.line.outlook.state == .ending && found.results.isEmpty)
        gated.bench.clock.advance(.seconds(3601))
        let over = try detail(reader, gated)
        #expect(!over.line.isExcepted && over.exception == nil)
        #expect(over.line.outlook.state == .refused)
    }

    @Test func `an agent at stage observe is no warning`() async throws {
        let gated = try await GateBench(
            GateBench.policy([
                ("tier: low\n    stage: trusted", "tier: low\n    stage: observe")
            ]))
        #expect(try detail(reader, gated).line.outlook.state == .observed)
        #expect(gated.service.warnings(about: [reader]).isEmpty)
        let all = gated.service.agents(in: nil, page: 1, for: try viewer([.security]))
        #expect(all.lines.map(\.agent) == [clerk, reader])
    }
}
