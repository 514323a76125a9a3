import InterlockModel
import InterlockPolicy
import InterlockTesting
import Testing

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
}
