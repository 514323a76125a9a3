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

@Suite struct TerminalStyleTests {
    @Test(arguments: [
        (true, nil, "xterm", true), (true, nil, "dumb", false), (true, nil, nil, false),
        (true, "1", "xterm", false), (false, nil, "xterm", false),
    ])
    func `emphasis is for terminals that show it`(
        _ isInteractive: Bool, _ noColor: String?, _ term: String?, _ isColoured: Bool
    ) {
        let style = TerminalStyle(isInteractive: isInteractive, noColor: noColor, term: term)
        #expect(style.isInteractive == isInteractive)
        #expect(
            style.emphasized("x", .red) == (isColoured ? "\u{1b}[31mx\u{1b}[0m" : "x"))
    }
}
