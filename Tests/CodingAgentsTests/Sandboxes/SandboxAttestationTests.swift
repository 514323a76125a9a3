import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls that count as sandboxed.
@Suite struct SandboxAttestationTests {
    @Test(.requirement("R079"))
    func `only the token of a run under way with the required layers attests`() throws {
        let bench = try Bench()
        let agent = try #require(AgentName("clerk"))
        let run: RunID = bench.gateway.newID()
        func principal(_ credential: String, _ run: RunID) -> Principal {
            Principal(
                agent: agent, run: run, purpose: nil, onBehalfOf: nil, credential: credential,
                expires: bench.clock.now.wall + .seconds(60))
        }
        func isAttested(_ principal: Principal) -> Bool {
            bench.gateway.facts(for: principal, pin: nil, policy: bench.policy).sandboxed
        }
        let (own, other) = (principal("own", run), principal("other", run))
        #expect(!isAttested(own))
        let attested = bench.gateway.attested
        attested.add(run, token: "own", isolation: .full, hasLandlock: true)
        #expect(isAttested(own) && !isAttested(other))
        #expect(!isAttested(principal("own", bench.gateway.newID())))
        attested.add(run, token: "own", isolation: .reduced, hasLandlock: true)
        #expect(!isAttested(own))
        attested.add(run, token: "own", isolation: .full, hasLandlock: false)
        #expect(!isAttested(own))
        attested.add(run, token: "own", isolation: .full, hasLandlock: true)
        attested.remove(run)
        #expect(!isAttested(own))
    }

    @Test func `only a run whose calls count as sandboxed shows that the sandbox is attested`()
        throws
    {
        let attested = AttestedRuns()
        let agent = try #require(AgentName("clerk"))
        let strict = try BenchPolicy.snapshot([])
        let tolerant = try BenchPolicy.snapshot([
            ("    tier: medium", "    tier: medium\n    sandbox: {allow_missing: [landlock]}")
        ])
        let (first, second) = (Timestamp(microseconds: 10), Timestamp(microseconds: 20))
        attested.note(agent, at: second, hasLandlock: false)
        #expect(attested.last(of: agent, under: strict) == nil)
        #expect(attested.last(of: agent, under: tolerant) == second)
        attested.note(agent, at: first, hasLandlock: true)
        #expect(attested.last(of: agent, under: strict) == first)
        #expect(attested.last(of: agent, under: tolerant) == second)
        let stranger = try #require(AgentName("stranger"))
        attested.note(stranger, at: first, hasLandlock: true)
        #expect(attested.last(of: stranger, under: strict) == nil)
    }

    /// Another layer of the sandbox changes nothing here: grants with `sandboxed` ask for it.
    @Test(.requirement("R011"))
    func `an agent whose workload is a run is admitted by the token of its run alone`() throws {
        let bench = try Bench()
        let policy = try BenchPolicy.snapshot([
            ("    tier: medium", "    tier: medium\n    workloads: {run: true, uid: 4711}")
        ])
        let name = try #require(AgentName("clerk"))
        let agent = try #require(policy.agents[name])
        let run: RunID = bench.gateway.newID()
        func isAdmitted(_ credential: String, from workload: Workload = .user(1)) -> Bool {
            bench.gateway.admits(
                Principal(
                    agent: name, run: run, purpose: nil, onBehalfOf: nil, credential: credential,
                    expires: bench.clock.now.wall + .seconds(60)), of: agent, from: workload)
        }
        #expect(agent.workloads?.description == "uid 4711 or a run of `interlock run`")
        #expect(!isAdmitted("own") && isAdmitted("other", from: .user(4711)))
        bench.gateway.attested.add(run, token: "own", isolation: .reduced, hasLandlock: false)
        #expect(isAdmitted("own") && !isAdmitted("other") && !isAdmitted("other", from: .anyone))
        bench.gateway.attested.remove(run)
        #expect(!isAdmitted("own"))
    }
}
