import InterlockJSON
import InterlockTesting
import Testing

@testable import InterlockPolicy

@Suite struct DataObligationsTests {
    private func paths(_ texts: String...) -> [FieldPath] { texts.map(FieldPath.init) }

    private let customer: JSONValue = [
        "id": 7, "name": "Ann", "email": "ann@mail.example", "card": "4000123412341234",
        "orders": [
            [
                "no": 1, "iban": "PT50",
                "lines": [["sku": "a", "cost": 5], ["sku": "b", "cost": 6]],
            ],
            ["no": 2, "iban": "PT51", "lines": []],
        ],
    ]

    @Test(.requirement("R024")) func `Only what is kept is shown, through arrays`() throws {
        let data = DataObligations(
            keep: paths("id", "orders.no", "orders.lines.sku", "none.at.all"))
        #expect(
            try data.apply(to: customer) == [
                "id": 7,
                "orders": [
                    ["no": 1, "lines": [["sku": "a"], ["sku": "b"]]], ["no": 2, "lines": []],
                ],
            ])
        #expect(try data.apply(to: [customer, 5, "x"]).array?.count == 1)
        #expect(try DataObligations(keep: []).apply(to: customer) == [:])
    }

    @Test func `What is dropped is not shown, through arrays`() throws {
        let data = DataObligations(
            drop: paths("card", "email", "name", "orders.iban", "orders.lines"))
        #expect(
            try data.apply(to: customer) == ["id": 7, "orders": [["no": 1], ["no": 2]]])
    }

    @Test func `Masks show what they are named for`() throws {
        let data = DataObligations(mask: [
            FieldPath("email"): .domainOnly, FieldPath("card"): .last4, FieldPath("name"): .redact,
            FieldPath("orders.lines.cost"): .redact, FieldPath("orders.iban"): .last4,
        ])
        let shown = try data.apply(to: customer)
        #expect(shown["email"] == "@mail.example")
        #expect(shown["card"] == "****1234")
        #expect(shown["name"] == "[redacted]")
        #expect(shown["orders"]?.array?.first?["iban"] == "[redacted]")
        #expect(
            shown["orders"]?.array?.first?["lines"] == [
                ["sku": "a", "cost": "[redacted]"], ["sku": "b", "cost": "[redacted]"],
            ])
        #expect(MaskMethod.last4.masked(.integer(123_456)) == "****3456")
        // A number is masked by its digits, however it is spelled.
        for (text, shown) in [
            ("4.539788403885421e15", "****5421"), ("4539788403885421.0", "****5421"),
            ("1e15", "****0000"), ("4.2e3", "[redacted]"), ("1.25", "[redacted]"),
        ] {
            let value = try JSONValue(parsing: Array(text.utf8), limits: .upstream)
            #expect(MaskMethod.last4.masked(value) == .string(shown), "\(text)")
        }
        #expect(MaskMethod.domainOnly.masked("no address") == "[redacted]")
        #expect(MaskMethod.redact.masked(["a": 1]) == "[redacted]")
        #expect(MaskMethod.redact.masked(.null) == .null)
    }

    @Test func `A mask of a whole and of a part shows neither`() throws {
        let data = DataObligations(mask: [
            FieldPath("orders"): .last4, FieldPath("orders.no"): .redact,
        ])
        #expect(try data.apply(to: customer)["orders"] == ["[redacted]", "[redacted]"])
    }

    @Test func `A result without fields is blocked where fields have to change`() throws {
        let data = DataObligations(drop: paths("a"))
        for value: JSONValue in ["text", 5, true, .null] {
            #expect(throws: ObligationFailure.notFields) { try data.apply(to: value) }
            #expect(try DataObligations(maxBytes: 5).apply(to: value) == value)
        }
    }

    @Test func `Keep intersects, drop and mask add up, the smallest size holds`() {
        let one = DataObligations(
            keep: paths("a", "b.c", "d"), drop: paths("x"), mask: [FieldPath("m"): .last4],
            maxBytes: 100, argumentsDrop: paths("s"))
        let two = DataObligations(
            keep: paths("a.z", "b", "e"), drop: paths("y"),
            mask: [FieldPath("m"): .domainOnly, FieldPath("n"): .last4], maxBytes: 50)
        for union in [one.union(two), two.union(one)] {
            #expect(union.keep?.map(\.text) == ["a.z", "b.c"])
            #expect(union.drop.map(\.text) == ["x", "y"])
            #expect(union.mask == [FieldPath("m"): .redact, FieldPath("n"): .last4])
            #expect(union.maxBytes == 50)
            #expect(union.argumentsDrop.map(\.text) == ["s"])
        }
        #expect(one.union(DataObligations()) == one)
        #expect(DataObligations().union(one) == one)
        #expect(one.union(one) == one)
    }

    @Test func `Arguments lose what may not leave`() {
        let data = DataObligations(argumentsDrop: paths("card", "orders.iban"))
        let left = data.argumentsDropped(from: customer)
        #expect(left["card"] == nil && left["email"] != nil)
        #expect(left["orders"]?.array?.allSatisfy { $0["iban"] == nil && $0["no"] != nil } == true)
    }
}
