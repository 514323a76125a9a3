import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// Limits in the pipeline, against a server that counts its calls.
@Suite struct `Limits on calls` {
    private static func bench(_ limits: String, stage: Int = 3) throws -> Bench {
        try Bench(
            policy: [("approvers: finance\n", "approvers: finance\n    limits: \(limits)\n")],
            stage: stage)
    }

    @Test(.requirement("R110"))
    func `so many calls and no more, and again when the window has passed`() async throws {
        let bench = try Self.bench("{desk.look: 3/m}")
        let client = try await Client.open(bench)
        for _ in 0..<3 { check(await client.call("look"), .text("done")) }
        for _ in 0..<5 { check(await client.call("look"), .refused(4290, "limit")) }
        #expect(bench.upstreams.sent.count == 3)
        let denial = try #require(bench.ledger.drafts(of: .callDenied).last)
        #expect(denial.fields["code"] == "policy.limit")
        #expect(denial.fields["rule"]?.string?.hasSuffix("limits.desk.look") == true)
        _ = await client.call("report", ["n": 1])
        #expect(bench.upstreams.sent.count == 4)
        bench.clock.advance(.seconds(62))
        check(await client.call("look"), .text("done"))
    }

    @Test(.requirement("R110"), arguments: [(0, 2), (1, 5), (2, 7), (3, 10)])
    func `a trust stage has its share`(_ stage: Int, _ most: Int) async throws {
        let bench = try Self.bench("{desk.look: 10/m}", stage: stage)
        let client = try await Client.open(bench)
        for _ in 0..<12 { _ = await client.call("look") }
        #expect(bench.upstreams.sent.count == most)
    }

    @Test func `of many at once no more than there is room for are sent`() async throws {
        let bench = try Self.bench("{desk.look: 25/d}")
        let client = try await Client.open(bench)
        await withTaskGroup { group in
            for _ in 0..<64 { group.addTask { _ = await client.call("look") } }
        }
        #expect(bench.upstreams.sent.count == 25)
    }

    @Test func `what surely was not done comes back, what may have been does not`() async throws {
        let bench = try Self.bench("{desk.look: 2/d}")
        let client = try await Client.open(bench)
        bench.upstreams.answer { _ in .failed(.notExecuted, reason: "down") }
        for _ in 0..<4 { check(await client.call("look"), .refused(5020, "failed")) }
        bench.upstreams.answer { _ in .failed(.unknown, reason: "reset") }
        for _ in 0..<2 { _ = await client.call("look") }
        check(await client.call("look"), .refused(4290, "limit"))
    }

    @Test func `a call that waits for people holds its unit, and gives it back when they say no`()
        async throws
    {
        let bench = try Self.bench("{desk.note: 4/d}", stage: 0)
        let client = try await Client.open(bench)
        let first = client.begin("note", ["text": "x"])
        let request = try await bench.request()
        check(await client.call("note", ["text": "y"]), .refused(4290, "limit"))
        try await bench.vote(.deny, on: request.id, by: "ines")
        check(await first.answer(), .refused(4031, "denied"))
        let second = client.begin("note", ["text": "z"])
        try await bench.vote(on: try await bench.request().id, by: "ines")
        check(await second.answer(), .text("done"))
        check(await client.call("note", ["text": "y"]), .refused(4290, "limit"))
    }

    @Test func `a call that people approved later uses what it was held for`() async throws {
        let bench = try Self.bench("{desk.note: 4/d}", stage: 0)
        let client = try await Client.open(bench)
        _ = try await bench.grant("note", ["text": "x"], to: client, by: "ines")
        check(await client.call("note", ["text": "y"]), .refused(4290, "limit"))
        check(await client.call("note", ["text": "x"]), .text("done"))
        #expect(bench.upstreams.sent.count == 1)
    }

    @Test func `a sum is of integers, and has its record before the intent`() async throws {
        let bench = try Self.bench("{spend: {field: args.n, tool: desk.look, max: 100/d}}")
        let client = try await Client.open(bench)
        check(await client.call("look", ["n": 60]), .text("done"))
        check(await client.call("look", ["n": 41]), .refused(4290, "limit"))
        check(await client.call("look", ["n": 40]), .text("done"))
        check(await client.call("look"), .refused(4290, "limit"))
        check(await client.call("look", ["n": -1]), .refused(4290, "limit"))
        let reserved = bench.ledger.drafts(of: .budgetReserved)
        #expect(reserved.map { $0.fields["amt"]?.integer } == [60, 40])
        #expect(reserved.map { $0.fields["left"]?.integer } == [40, 0])
    }
}
