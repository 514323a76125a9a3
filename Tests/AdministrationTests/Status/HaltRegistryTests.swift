import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

@Suite struct HaltRegistryTests {
    @Test func `halts are told the newest first, and each new set at once`() async throws {
        let bench = try Bench()
        let clerk = try #require(AgentName("clerk"))
        var targets: [HaltTarget] { bench.gateway.halts.newestFirst.map(\.target) }
        #expect(targets.isEmpty)
        try await bench.halt(.org, by: "kim")
        #expect(targets == [.org] && targets == [.org])
        bench.clock.advance(.seconds(1))
        try await bench.halt(.agent(clerk), by: "kim")
        #expect(targets == [.agent(clerk), .org])
    }
}
