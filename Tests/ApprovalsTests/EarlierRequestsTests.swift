import InterlockJSON
import InterlockModel
import Testing

@testable import InterlockApprovals

/// The earlier requests that a review shows with the call.
@Suite struct EarlierRequestsTests {
    private let office = Office()

    private func request(_ id: UInt8, _ call: CanonicalCall) throws -> ApprovalRequest {
        try office.request(try office.review(of: id, call: call))
    }

    private func fact(_ call: CanonicalCall, _ requests: [ApprovalRequest]) -> [JSONValue] {
        EarlierRequests(than: call, among: requests).fact.array ?? []
    }

    @Test func `without an earlier request that is said`() throws {
        var table = ApprovalTable()
        table.put(try request(1, office.call(agent: "another")))
        let call = try office.call()
        let fact = EarlierRequests(than: call, among: table.requests(like: call)).fact
        #expect(fact == "no earlier request of this agent for this tool is known")
    }

    @Test func `values of the same run are shown, of another run the names alone`() throws {
        let call = try office.call(["amount_cents": 1, "order": "A", "note": "n"])
        let long = JSONValue.string(String(repeating: "x", count: 300))
        let earlier = try office.call(["amount_cents": 2, "order": "A", "extra": long])
        let rows = fact(
            call,
            [
                try request(1, earlier), try request(2, call),
                try request(
                    3, office.call(["amount_cents": 9, "order": "A", "note": "n"], run: 7)),
            ])
        #expect(rows.count == 3)
        #expect(rows.map { $0["asked"] != nil && $0["state"] == "pending" } == [true, true, true])
        #expect(rows[0]["differ"] == ["amount_cents"] && rows[0]["arguments"] == nil)
        #expect(rows[1]["arguments"] == "the same")
        #expect(
            rows[2]["arguments"]
                == ["amount_cents": 2, "extra": "(302 bytes)", "note": "(absent)"])
    }

    @Test func `the newest ten are shown`() throws {
        let requests = try (1...14).map { try request(UInt8($0), office.call(["n": .integer($0)])) }
        let rows = fact(try office.call(["n": 0]), requests.shuffled())
        #expect(rows.compactMap { $0["arguments"]?["n"]?.integer } == Array((5...14).reversed()))
    }

    @Test func `the sum is of what people approved, since a time, and never wraps`() throws {
        let used = try office.request(in: .used)
        let approved = try office.request(in: .approved)
        let all = [used, approved, try office.request(in: .denied), try office.request()]
        let earlier = EarlierRequests(than: try office.call(), among: all)
        func amount(_ arguments: JSONValue) -> Int64? { arguments["amount_cents"]?.integer }
        let sum = try #require(earlier.sum(since: Office.start, of: amount))
        #expect(sum.sum == 84_000 && sum.count == 2)
        let later = try #require(earlier.sum(since: Office.start + .seconds(60), of: amount))
        #expect(later.sum == 0 && later.count == 0)
        let none = try #require(earlier.sum(since: Office.start) { _ in nil })
        #expect(none.count == 0)
        #expect(earlier.sum(since: Office.start) { _ in .max } == nil)
    }
}
