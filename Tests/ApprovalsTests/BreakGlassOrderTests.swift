import InterlockApprovals
import InterlockJSON
import InterlockModel
import Testing

@Suite struct BreakGlassOrderTests {
    private func order(
        _ action: BreakGlassOrder.Action = .lower(revision: 3, ticket: "INC-4711"),
        reason: String = "the other approver cannot be reached"
    ) throws -> BreakGlassOrder {
        try BreakGlassOrder(
            id: OrderID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10)), org: "acme",
            content: BreakGlassContent(
                request: ApprovalID(milliseconds: 2, random: [UInt8](repeating: 2, count: 10)),
                action: action), reason: reason, author: Office().people[0].pseudonym,
            at: Office.start)
    }

    @Test(arguments: [BreakGlassOrder.Action.lower(revision: 3, ticket: "INC-4711"), .review])
    func `an order reads back as it was signed`(_ action: BreakGlassOrder.Action) throws {
        let made = try order(action)
        #expect(try BreakGlassOrder(parsing: made.canonical()) == made)
    }

    @Test func `an unfit reason or ticket is no order`() throws {
        #expect(throws: FormError.self) { try order(reason: "short") }
        #expect(throws: FormError.self) { try order(.lower(revision: 1, ticket: "")) }
        #expect(throws: FormError.self) { try order(.lower(revision: 1, ticket: "a\nb")) }
        let long = String(repeating: "x", count: 129)
        #expect(throws: FormError.self) { try order(.lower(revision: 1, ticket: long)) }
    }

    @Test(
        arguments: [
            ("deed", JSONValue.string("raise")), ("type", "people"), ("v", 2), ("revision", 0),
            ("revision", nil), ("ticket", nil), ("more", 1), ("request", "x"), ("author", "x"),
            ("at", "now"), ("reason", nil), ("org", nil), ("id", nil),
        ] as [(String, JSONValue?)])
    func `each member has its form`(_ name: String, _ value: JSONValue?) throws {
        var object = try #require(try order().json.object)
        object[name] = value
        let bytes = try JSONValue.object(object).canonical()
        #expect(throws: FormError.self) { try BreakGlassOrder(parsing: bytes) }
    }
}
