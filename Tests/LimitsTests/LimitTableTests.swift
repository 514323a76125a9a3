import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@Suite struct `Limits of agents` {
    private static let start = Timestamp(microseconds: 1_795_169_731_500_000)
    private let refunds = AgentName("refunds").unwrapped
    private let other = AgentName("other").unwrapped

    private func calls(_ most: Int64) -> LimitDemand {
        LimitDemand(limit: "calls", seconds: 60, amount: 1, most: most)
    }
    private func spend(_ amount: Int64, _ most: Int64) -> LimitDemand {
        LimitDemand(limit: "spend:args.amount_cents", seconds: 86_400, amount: amount, most: most)
    }

    @Test func `all limits of a call, or none`() throws {
        var table = LimitTable()
        try table.hold([calls(10), spend(400, 500)], of: refunds, at: Self.start)
        #expect(throws: LimitExceeded.self) {
            try table.hold([calls(10), spend(101, 500)], of: refunds, at: Self.start)
        }
        #expect(
            table.taken(calls(10), of: refunds, at: Self.start) == 1, "it gave back what it had")
        try table.hold([calls(10), spend(100, 500)], of: refunds, at: Self.start)
        #expect(table.taken(spend(0, 500), of: refunds, at: Self.start) == 500)
    }

    @Test func `who is refused is told of what, and when to come back`() throws {
        var table = LimitTable()
        try table.hold([calls(1)], of: refunds, at: Self.start)
        table.use([calls(1)], of: refunds, at: Self.start)
        do throws(LimitExceeded) {
            try table.hold([spend(1, 10), calls(1)], of: refunds, at: Self.start)
            Issue.record("there is no room")
        } catch {
            #expect(error.demand == calls(1) && error.taken == 1)
            let wait = try #require(error.free) - Self.start
            #expect(wait >= .seconds(60) && wait <= .seconds(61))
        }
        try table.hold([calls(1)], of: other, at: Self.start)
    }

    @Test func `one limit named twice in a call is asked for twice`() throws {
        var table = LimitTable()
        #expect(throws: LimitExceeded.self) {
            try table.hold([calls(1), calls(1)], of: refunds, at: Self.start)
        }
        #expect(table.taken(calls(1), of: refunds, at: Self.start) == 0)
    }

    @Test func `another number of the same limit is the same window; another window is not`() throws
    {
        var table = LimitTable()
        try table.hold([calls(5)], of: refunds, at: Self.start)
        #expect(throws: LimitExceeded.self) {
            try table.hold([calls(1)], of: refunds, at: Self.start)
        }
        try table.hold(
            [LimitDemand(limit: "calls", seconds: 1, amount: 1, most: 1)], of: refunds,
            at: Self.start)
    }
}
