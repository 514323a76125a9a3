import Testing

@testable import InterlockCommandLine

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
