import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockEvidence
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The halts of the last hour in the status of the gateway, as charts show them.
struct HaltSpanStatusTests {
    private let visibility = Visibility(
        person: People.all["ines"].person, roles: [], own: [])

    private func status(_ bench: Bench) -> StatusService {
        StatusService(
            gateway: bench.gateway, approvals: bench.approvals, alarms: nil,
            sources: HealthSources(halts: bench.kill))
    }

    @Test func `a halt stays in the hour after its release, for everybody`() async throws {
        let bench = try Bench()
        let status = status(bench)
        #expect(await status.now(for: visibility).haltSpans.isEmpty)
        bench.clock.advance(.seconds(90))
        let start = bench.clock.now.wall
        let halt = try await bench.halt(.org).order.id
        #expect(
            await status.now(for: visibility).haltSpans
                == [HaltSpan(halt: halt, target: .org, start: start)])
        bench.clock.advance(.seconds(240))
        let end = bench.clock.now.wall
        try await bench.release(halt)
        let spans = await status.now(for: visibility).haltSpans
        #expect(spans == [HaltSpan(halt: halt, target: .org, start: start, end: end)])
        status.sweep()
        bench.clock.advance(.seconds(3700))
        status.sweep()
        #expect(await status.now(for: visibility).haltSpans.isEmpty)
    }
}
