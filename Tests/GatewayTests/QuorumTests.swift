import InterlockApprovals
import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Calls of strength D2 in the pipeline.
@Suite struct `Calls that must be witnessed` {
    private func bench(
        _ quorum: FakeQuorum?, _ change: (inout GatewaySettings) -> Void = { _ in }
    ) throws -> Bench {
        try Bench(quorum: quorum, change)
    }

    private func strength(_ bench: Bench) -> String? {
        bench.ledger.drafts(of: .callIntent).last?.fields["dl"]?.string
    }

    @Test func `a graver tool waits for witnesses after the last record before the send`()
        async throws
    {
        let quorum = FakeQuorum(answers: true)
        let bench = try bench(quorum)
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", ["n": 1], to: client, by: "ines", "paul")
        #expect(quorum.asked == 0)
        await bench.check(.text("done"), sent: 1) { await client.call("pay", ["n": 1]) }
        #expect(quorum.asked == 1)
        #expect(bench.approvals[id]?.state != .approved)
        #expect(strength(bench) == "D2")
    }

    @Test func `without a quorum in time it is not sent, and its intent is closed`() async throws {
        let quorum = FakeQuorum(answers: false)
        let tool = try #require(ToolAddress(wireName: "desk__look"))
        let bench = try bench(quorum) { $0.durability = [tool: .witnessed] }
        let client = try await Client.open(bench)
        await bench.check(
            .refused(4030, "quorum"), records: [.callIntent, .callDenied], sent: 0
        ) { await client.call("look") }
        let denial = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denial.fields["code"] == "audit.quorum")
        #expect(denial.fields["intent"] != nil)
    }

    @Test func `reads wait for nobody`() async throws {
        let quorum = FakeQuorum(answers: false)
        let bench = try bench(quorum)
        let client = try await Client.open(bench)
        await bench.check(.text("done"), sent: 1) { await client.call("look") }
        #expect(quorum.asked == 0)
        #expect(strength(bench) == "D0")
    }

    @Test func `with no quorum configured a default D2 is D1, one by name is refused`()
        async throws
    {
        let tool = try #require(ToolAddress(wireName: "desk__report"))
        let bench = try bench(nil) { $0.durability = [tool: .witnessed] }
        let client = try await Client.open(bench)
        _ = try await bench.grant("pay", ["n": 1], to: client, by: "ines", "paul")
        #expect(strength(bench) == "D1")
        await bench.check(.refused(4030, "quorum"), sent: 0) { await client.call("report") }
    }
}

final class FakeQuorum: CallQuorum {
    private let answers: Bool
    private let count = Atomic<Int>(0)
    init(answers: Bool) { self.answers = answers }
    var asked: Int { count.load(ordering: .relaxed) }
    var isConfigured: Bool { true }
    var ageSeconds: Int64? { nil }
    var lags: [(witness: String, seconds: Int64)] { [("w1", 7)] }
    func reach() async -> Bool {
        count.wrappingAdd(1, ordering: .relaxed)
        return answers
    }
}
