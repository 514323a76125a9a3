import InterlockJSON
import Testing

@testable import InterlockCommandLine

@Suite struct ColumnTests {
    private let rows: [JSONValue] = [
        ["agent": "refunds", "tier": "high", "owner": "ines@acme.example"],
        ["agent": "a", "tier": "low"],
    ]
    private let columns = [
        Column("AGENT", "agent"), Column("TIER", "tier"), Column("OWNER", "owner"),
    ]

    @Test func `columns are as wide as their widest text, and no line ends in spaces`() {
        #expect(
            Column.lines(rows, columns, isTitled: false) == [
                "refunds  high  ines@acme.example", "a        low   -",
            ])
    }

    @Test func `titles are a line of their own and widen their columns`() {
        let lines = Column.lines(
            [["agent": "a", "tier": "b", "owner": "c"]], columns, isTitled: true)
        #expect(lines == ["AGENT  TIER  OWNER", "a      b     c"])
    }

    @Test func `control characters of others do not reach the terminal`() {
        let lines = Column.lines([["agent": "a\u{1b}[31mb"]], [columns[0]], isTitled: false)
        #expect(!lines[0].contains("\u{1b}"))
    }
}
