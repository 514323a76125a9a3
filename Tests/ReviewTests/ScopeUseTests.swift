import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// Scopes against use, and what is retired (docs/specs/trust-and-review.md, section 7).
@Suite(.requirement("R130", "R131")) struct ScopeUseTests {
    private typealias Fixture = ReviewFixture

    /// A log about one agent, whose arguments are in its leaves by call.
    private struct Log: ArgumentSource {
        var leaves: [Leaf] = []
        private var arguments: [String: JSONValue] = [:]

        mutating func arguments(of record: StoredRecord) -> JSONValue? {
            record.text("call").flatMap { arguments[$0] }
        }

        @discardableResult
        mutating func add(
            _ type: String, _ fields: JSONObject, day: Int64 = -1
        ) throws -> String {
            var object: JSONObject = [
                "agent": "refunds", "node": "gw1", "run": "r", "t": .string(type),
                "ts": .integer(Fixture.time(day).microseconds + Int64(leaves.count)), "v": 1,
            ]
            for (name, value) in fields.members { object[name] = value }
            let bytes = try JSONValue.object(object).canonical()
            let leaf = Leaf(stored: bytes, hashing: OpenSSLHashing())
            leaves.append(leaf)
            return leaf.hash.base64
        }

        mutating func call(
            _ tool: String, _ values: JSONValue? = nil, end: String? = "call.outcome",
            approved: Bool = false, day: Int64 = -1
        ) throws {
            let name = "call-\(leaves.count)"
            arguments[name] = values
            let intent = try add(
                "call.intent", ["call": .string(name), "tool": .string(tool)], day: day)
            if approved { try add("approval.used", ["intent": .string(intent)], day: day) }
            if let end { try add(end, ["intent": .string(intent)], day: day) }
        }

        /// The use of these tools, with a cap of `amount` for `pay__refund`.
        func use(_ tools: [String], cap: Int64 = 1_000) throws -> ScopeUse {
            var source = self
            var collector = ScopeUseCollector(
                period: Fixture.period, policy: Fixture.digest(1),
                tools: try tools.map { name in
                    GrantedTool(
                        agent: Fixture.agent, tool: try #require(ToolAddress(itemWireName: name)),
                        caps: name == "pay__refund"
                            ? [GrantedTool.Cap(argument: "amount", most: cap)] : [])
                })
            for leaf in leaves { collector.add(leaf, from: &source) }
            return collector.use
        }
    }

    private func retired(_ use: ScopeUse, declined: [String] = []) -> [String] {
        RetireProposal(use, declined: declined) { _, _ in true }.items.map(\.text)
    }

    @Test func `calls, approvals and denials are counted by tool`() throws {
        var log = Log()
        try log.call("pay__refund", ["amount": 30])
        try log.call("pay__refund", ["amount": 10], approved: true)
        try log.call("pay__refund", ["amount": 20], end: "call.unknown")
        try log.call("pay__refund", ["amount": 900], end: "call.denied")
        try log.call("pay__refund", ["amount": 5], day: -40)
        try log.add("call.denied", ["cnt": 7, "tool": "pay__list"])
        let use = try log.use(["pay__void", "pay__refund", "pay__list"])
        #expect(use.tools.map(\.tool.wireName) == ["pay__list", "pay__refund", "pay__void"])
        #expect(use.tools.map(\.state) == [.deniedOnly, .used, .unused])
        #expect(use.tools.map(\.calls) == [0, 3, 0])
        #expect(use.tools.map(\.approvals) == [0, 1, 0])
        #expect(use.tools.map(\.denials) == [7, 1, 0])
        #expect(use.tools[1].last.map { $0 > Fixture.time(-1) } == true)
        let amount = ArgumentUse(name: "amount", cap: 1_000, largest: 30, typical: 20, count: 3)
        #expect(use.tools[1].arguments == [amount])
        #expect(
            retired(use) == ["refunds pay.list", "refunds pay.refund amount", "refunds pay.void"])
    }

    @Test func `a call that has not ended is use`() throws {
        var log = Log()
        try log.call("pay__list", end: nil)
        #expect(retired(try log.use(["pay__list"])).isEmpty)
    }

    @Test func `a cap is halved if less than half of it is used`() throws {
        func cap(_ values: [JSONValue?], cap: Int64 = 1_000) throws -> [RetireProposal.Change] {
            var log = Log()
            for value in values { try log.call("pay__refund", value) }
            let use = try log.use(["pay__refund"], cap: cap)
            return RetireProposal(use) { _, _ in true }.items.map(\.change)
        }
        let half = RetireProposal.Change.lower(argument: "amount", from: 1_000, to: 500)
        #expect(try cap([["amount": 499]]) == [half])
        #expect(try cap([["amount": 500]]).isEmpty)
        #expect(try cap([["amount": 1], [:]]) == [half])
        #expect(try cap([["amount": 1], nil]).isEmpty, "a value that is not known may be larger")
        #expect(try cap([["amount": 1], ["amount": "9"]]).isEmpty)
        #expect(try cap([[:]]).isEmpty, "no call had the argument")
        #expect(try cap([["amount": 0]], cap: 1) == [.lower(argument: "amount", from: 1, to: 0)])
        #expect(try cap([["amount": 0]], cap: 0).isEmpty)
    }

    @Test func `a tool that is new, or was declined, is not retired`() throws {
        let use = try Log().use(["pay__list", "pay__void"])
        #expect(retired(use, declined: ["refunds pay.void"]) == ["refunds pay.list"])
        let none = RetireProposal(use) { _, _ in false }
        #expect(none.items.isEmpty)
    }

    @Test func `the window has 90 days at least`() throws {
        let week = try #require(ReviewPeriod(from: Fixture.time(-7), to: Fixture.time(0)))
        #expect(RetireProposal.window(of: week).start == Fixture.time(-90))
        let long = try #require(ReviewPeriod(from: Fixture.time(-180), to: Fixture.time(0)))
        #expect(RetireProposal.window(of: long) == long)
    }

    @Test func `nothing that was used is retired, whatever the log`() throws {
        var random = SeededGenerator.announced()
        let names = ["pay__list", "pay__refund", "pay__void", "mail__send"]
        for _ in 0..<rounds(50) {
            var log = Log()
            var used: Set<String> = []
            var largest: Int64 = 0
            for _ in 0..<Int.random(in: 0...30, using: &random) {
                let tool = try #require(names.randomElement(using: &random))
                let isDenied = Bool.random(using: &random)
                let amount = Int64.random(in: 0...1_000, using: &random)
                try log.call(
                    tool, ["amount": .integer(amount)],
                    end: isDenied ? "call.denied" : "call.outcome")
                guard !isDenied else { continue }
                used.insert(tool)
                if tool == "pay__refund" { largest = max(largest, amount) }
            }
            for item in RetireProposal(try log.use(names), whereGranted: { _, _ in true }).items {
                switch item.change {
                case .remove: #expect(!used.contains(item.tool.wireName))
                case .lower(_, let old, let new): #expect(new < old && largest <= new)
                }
            }
        }
    }
}
