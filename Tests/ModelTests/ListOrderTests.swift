import InterlockModel
import Testing

struct ListOrderTests {
    private enum Column: String, CaseIterable { case name, size }

    private let rows: [(name: String, size: Int?)] = [
        ("a", 2), ("b", nil), ("c", 1), ("d", 2), ("e", nil),
    ]

    private func names(_ order: ListOrder<Column>) -> String {
        order.sorted(rows) { $0.size }.map(\.name).joined()
    }

    @Test func `rows without a value are last in both directions, and equal ones stay in order`() {
        #expect(names(ListOrder(.size)) == "cadbe")
        #expect(names(ListOrder(.size, isDescending: true)) == "adcbe")
    }

    @Test func `an order is read as it is written`() {
        #expect(ListOrder<Column>.texts == ["name", "-name", "size", "-size"])
        for text in ListOrder<Column>.texts { #expect(ListOrder<Column>(text)?.text == text) }
        #expect(ListOrder<Column>("-size")?.reversed == ListOrder(.size))
    }

    @Test(arguments: ["", "-", "--size", "Size", "size ", "-\u{301}size", "size,name"])
    func `what names no column is no order`(_ text: String) {
        #expect(ListOrder<Column>(text) == nil)
    }
}
