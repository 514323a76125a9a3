import InterlockEvals
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockChangeGate
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The failed result for which an agent is demoted (docs/specs/trust-and-review.md, section 6).
@Suite(.requirement("R123")) struct EvalRegressionTests {
    @Test func `a failed result of the current fingerprint is named, and no other one`()
        async throws
    {
        let gated = try await GateBench()
        let reader = GateBench.reader
        #expect(gated.service.regression(of: reader) == nil, "nothing was run")
        try await gated.pass()
        #expect(gated.service.regression(of: reader) == nil)
        gated.bench.clock.advance(.seconds(60))
        let parts = try gated.parts(of: reader)
        try await gated.submit(gated.result(of: parts, .fail))
        let first = try #require(gated.service.regression(of: reader))
        #expect(gated.service.regression(of: reader) == first)
        gated.bench.clock.advance(.seconds(60))
        try await gated.submit(gated.result(of: parts, .fail))
        let second = try #require(gated.service.regression(of: reader))
        #expect(second != first, "each result is a cause of its own")
        gated.bench.clock.advance(.seconds(60))
        try await gated.submit(gated.result(of: parts))
        #expect(gated.service.regression(of: reader) == nil)
        #expect(gated.service.regression(of: GateBench.clerk) == nil)
        #expect(!gated.service.isFailing(reader))
    }

    @Test func `a run that proves nothing demotes no agent, and lets none rise`() async throws {
        let gated = try await GateBench()
        let parts = try gated.parts(of: GateBench.reader)
        try await gated.submit(gated.result(of: parts, .invalid))
        #expect(gated.service.regression(of: GateBench.reader) == nil)
        #expect(gated.service.isFailing(GateBench.reader))
    }
}
