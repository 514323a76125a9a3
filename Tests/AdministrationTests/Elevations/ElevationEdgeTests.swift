import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPolicy
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A call is sent only under the rights that its decision used.
@Suite struct `Edges of an elevation` {
    private func elevation(from: Timestamp, until: Timestamp) throws -> StoreElevation {
        StoreElevation(
            id: "up1", agent: try #require(AgentName("clerk")),
            grants: ["desk": [["tool": "secret"]]], from: from, until: until)
    }

    @Test func `one that begins while a call is judged lets no unjudged argument through`()
        async throws
    {
        let bench = try Bench()
        let client = try await Client.open(bench)
        bench.clock.step(by: .milliseconds(1))
        for reads in 1...40 {
            let now = bench.clock.now.wall
            bench.gateway.elevations.replace(with: [
                try elevation(from: now + .milliseconds(reads), until: now + .seconds(60))
            ])
            await client.call("secret", ["n": "no integer"])
        }
        #expect(bench.upstreams.sent.isEmpty)
    }

    @Test(arguments: [true, false])
    func `one that ends while the intent is written grants nothing`(byHand: Bool) async throws {
        let bench = try Bench()
        let client = try await Client.open(bench)
        let now = bench.clock.now.wall
        bench.gateway.elevations.replace(with: [
            try elevation(from: now, until: now + .seconds(60))
        ])
        let gate = Gate()
        bench.ledger.hold(.callIntent, at: gate)
        let call = client.begin("secret", ["n": 1])
        #expect(await until { gate.arrived == 1 })
        if byHand {
            bench.gateway.elevations.replace(with: [])
        } else {
            bench.clock.advance(.seconds(60))
        }
        gate.open()
        check(await call.answer(), .refused(4030, "no-grant"))
        #expect(bench.upstreams.sent.isEmpty)
    }
}
