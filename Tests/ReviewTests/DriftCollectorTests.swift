import InterlockCredentials
import InterlockJSON
import InterlockLedger
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockReview

/// The parts of a log that are judged again (docs/specs/trust-and-review.md, sections 7 and 10).
@Suite(.requirement("R130", "R146")) struct DriftCollectorTests {
    private typealias Fixture = ReviewFixture

    private func leaf(_ type: String, _ fields: JSONObject, day: Int64 = -1) throws -> Leaf {
        var object: JSONObject = [
            "node": "gw1", "t": .string(type), "ts": .integer(Fixture.time(day).microseconds),
            "v": 1,
        ]
        for (name, value) in fields.members { object[name] = value }
        return Leaf(
            stored: try JSONValue.object(object).canonical(), hashing: OpenSSLHashing())
    }

    private func check(_ number: Int, gate: Int64, day: Int64 = -1) throws -> Leaf {
        try leaf(
            "merge.checked",
            [
                "verdict": "refused", "head": .string(Self.head(number)),
                "gate": .integer(gate),
            ], day: day)
    }

    private static func head(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "a", count: 40 - digits.utf8.count) + digits
    }

    private func items(_ scope: ReviewScope, _ leaves: [Leaf]) -> [DriftItem] {
        var collector = DriftCollector(scope: scope, period: Fixture.period)
        for leaf in leaves { collector.add(leaf) }
        return collector.items
    }

    @Test func `changes of the gate are items of the organisation's review, once each`() throws {
        let first = try check(1, gate: 2)
        let leaves = [
            first, try check(2, gate: 0), try check(1, gate: 2, day: -2),
            try check(3, gate: 1, day: -40), try check(4, gate: 1),
        ]
        let found = items(.org, leaves)
        #expect(found.map(\.cause) == [.gateChanged, .gateChanged])
        #expect(found.map(\.subject) == [Self.head(1), Self.head(4)])
        #expect(found.first?.leaf == first.hash)
        #expect(items(.agent(Fixture.agent), leaves).isEmpty)
    }

    @Test func `more changes of the gate than a sign-off holds are one item`() throws {
        let leaves = try (0...ReviewSignOff.mostItems).map { try check($0, gate: 1) }
        let incident = try leaf("incident.opened", ["inc": "INC-1"])
        let found = items(.org, leaves + [incident])
        #expect(found.map(\.cause) == [.gateChanged, .incident])
        #expect(found.map(\.subject) == ["gate", "INC-1"])
        #expect(items(.org, Array(leaves.dropLast())).count == ReviewSignOff.mostItems)
    }
}
