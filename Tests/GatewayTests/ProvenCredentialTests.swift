import InterlockModel
import InterlockPolicy
import InterlockPorts
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// A connection repeats its head; the result of a credential's look-up is reused only while it is certainly valid.
@Suite struct ProvenCredentialTests {
    /// The status of the refusal of the head; 0 if the body may be read.
    private func judged(_ bench: Bench, _ head: RequestHead) -> Int {
        switch bench.pipeline.judge(head) {
        case .refuse(let response): response.status
        case .readBody: 0
        }
    }

    @Test func `a repeated head is looked up once`() async throws {
        let bench = try Bench()
        let head = Client.sessionless(bench).head()
        for _ in 0..<3 {
            #expect(judged(bench, head) == 0)
            await bench.pipeline.run(head, body: [], FakeExchange())
        }
        #expect(bench.authenticator.lookUps == 1)
    }

    @Test func `a revocation between head and body refuses the request`() async throws {
        let bench = try Bench()
        let head = Client.sessionless(bench).head()
        #expect(judged(bench, head) == 0)
        bench.authenticator.revoke("clerk")
        let exchange = FakeExchange()
        await bench.pipeline.run(head, body: [], exchange)
        #expect(exchange.now.response?.status == 401)
        #expect(judged(bench, head) == 401)
    }

    @Test func `at its expiry, and after the clock was set back, a credential is looked up again`()
        throws
    {
        let bench = try Bench()
        let head = Client.sessionless(bench).head()
        #expect(judged(bench, head) == 0)
        bench.clock.advance(.seconds(60))
        #expect(judged(bench, head) == 0)
        #expect(bench.authenticator.lookUps == 2)
        bench.clock.advance(.seconds(-1))
        #expect(judged(bench, head) == 0)
        #expect(bench.authenticator.lookUps == 3)
    }

    @Test func `an agent whose review is overdue is refused though its credential stands`() throws {
        let bench = try Bench()
        let head = Client.sessionless(bench).head()
        #expect(judged(bench, head) == 0)
        try bench.swapUnseen([("\"2027-02-01\"", "\"2026-10-01\"")])
        #expect(judged(bench, head) == 401)
        #expect(bench.authenticator.lookUps == 1)
    }
}
