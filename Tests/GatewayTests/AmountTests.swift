import InterlockApprovals
import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockPolicy

/// Units that the policy declares, in what people sign (docs/specs/console.md, section 3).
@Suite struct `Amounts of reviews` {
    typealias Templates = `Templates of reviews`

    private static let entry = "pay: {class: write, effects: [irreversible, spends_money]"
    private static func units(_ units: String) -> [(String, String)] {
        [("\(entry)}", "\(entry), units: \(units)}")]
    }
    private static let euros = units("{n: {money: minor, currency: EUR}}")
    private static let majorEuros = units("{n: {money: major, currency: EUR}}")
    private static let arguments: JSONObject = ["text": "PT50", "n": 4200]

    private static func bench(
        _ changes: [(String, String)], _ templates: String? = nil
    ) throws -> Bench {
        let bench = try Bench(policy: changes, templates: templates)
        bench.upstreams.answer { _ in .done }
        return bench
    }

    @Test func `a review has the amount raw and as people read it`() async throws {
        let bench = try Self.bench(Self.euros)
        let client = try await Client.open(bench)
        let call = client.begin("pay", Self.arguments)
        let request = try await bench.request()
        #expect(
            request.review.facts["amounts"] == ["n": ["raw": 4200, "shown": "42.00 EUR"]])
        #expect(request.review.call.arguments["n"] == 4200)
        try await bench.vote(on: request.id, by: "paul")
        try await bench.vote(on: request.id, by: "rui")
        check(await call.answer(), .text("done"))
    }

    @Test func `a review without a declared unit has no such fact`() async throws {
        let bench = try Self.bench([])
        let client = try await Client.open(bench)
        let call = client.begin("pay", Self.arguments)
        let request = try await bench.request()
        #expect(request.review.facts["amounts"] == nil)
        #expect(
            ReviewFacts.undeclared(in: request.review.call.arguments, request.review.facts) == ["n"]
        )
        try await bench.vote(.deny, on: request.id, by: "paul")
        check(await call.answer(), .refused(4031, "denied"))
    }

    @Test func `the quantity and the day's total of a template are in the declared unit`()
        async throws
    {
        let templates = "desk.pay:\n  quantity: {value: args.n, total: day}\n"
        let bench = try Self.bench(Self.euros, templates)
        let client = try await Client.open(bench)
        let call = client.begin("pay", Self.arguments)
        let request = try await bench.request()
        #expect(request.review.facts["quantity"] == "42.00 EUR (4200)")
        #expect(
            request.review.facts["total"]
                == "42.00 EUR (4200), with this call and 0 approved today (UTC)")
        try await bench.vote(.deny, on: request.id, by: "paul")
        check(await call.answer(), .refused(4031, "denied"))
    }

    @Test func `other units show a waiting request anew and take an unused grant`() async throws {
        let bench = try Self.bench(Self.euros)
        let client = try await Client.open(bench)
        let granted = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        let call = client.begin("pay", ["text": "DE89", "n": 1])
        let waiting = try await bench.request().id
        try await bench.vote(on: waiting, by: "paul")
        try await bench.swap(Self.majorEuros)
        let shown = try #require(bench.approvals[waiting])
        #expect(shown.revision == 2 && shown.votes.isEmpty)
        #expect(shown.review.facts["amounts"] == ["n": ["raw": 1, "shown": "1.00 EUR"]])
        #expect(bench.approvals[granted]?.cause == .policyChanged)
        try await bench.vote(on: waiting, by: "paul")
        try await bench.vote(on: waiting, by: "rui")
        check(await call.answer(), .text("done"))
    }

    @Test func `units of another argument change nothing`() async throws {
        let bench = try Self.bench(Self.euros)
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        try await bench.swap(Self.units("{n: {money: minor, currency: EUR}, other: bytes}"))
        #expect(bench.approvals[id]?.state == .approved)
        check(await client.call("pay", Self.arguments), .text("done"))
    }

    @Test func `a reload at the worst moment is noticed before the call is sent`() async throws {
        let bench = try Self.bench(Self.euros)
        let client = try await Client.open(bench)
        let id = try await bench.grant("pay", Self.arguments, to: client, by: "paul", "rui")
        try bench.swapUnseen(Self.majorEuros)
        check(await client.call("pay", Self.arguments), .refused(4030, "units"))
        #expect(bench.approvals[id]?.cause == .policyChanged && Templates.paid(bench) == 0)
    }
}
