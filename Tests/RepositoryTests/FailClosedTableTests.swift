import InterlockTesting
import Testing

/// `docs/fail-closed.md` names tests: each must exist, run and assert the codes of its row.
@Suite struct FailClosedTableTests {
    private struct Row {
        let number: Int
        let cells: [String]

        var tests: [String] { cells.last?.quoted ?? [] }

        /// The texts in backticks of the response's cell, and its numbers of two to four digits.
        var codes: [String] {
            guard cells.count == 4 else { return [] }
            let numbers = cells[2].unquoted.split { !$0.isWholeNumber }.map { String($0) }
            return cells[2].quoted + numbers.filter { (2...4).contains($0.count) }
        }
    }

    private static let page = "docs/fail-closed.md"

    private static let rows: [Row] = Repository.lines(of: page).enumerated().compactMap {
        number, line in
        guard line.hasPrefix("| "), !line.hasPrefix("| part ") else { return nil }
        let cells = line.dropFirst().dropLast().split(
            separator: "|", omittingEmptySubsequences: false)
        return Row(
            number: number + 1,
            cells: cells.map { String($0.drop { $0 == " " }) })
    }

    @Test(.requirement("R070"))
    func `every row names a test, and every test that is named is there`() {
        #expect(Self.rows.count > 50, "the tables are read")
        for row in Self.rows {
            #expect(row.cells.count == 4, "\(Self.page):\(row.number)")
            #expect(!row.tests.isEmpty, "\(Self.page):\(row.number) names no test")
            for test in row.tests {
                let fault = NamedTest(test).fault
                #expect(fault == nil, "\(Self.page):\(row.number) `\(test)`")
            }
        }
    }

    @Test func `the codes of a row are asserted by its tests`() {
        let settings = Repository.text(of: "docs/configuration.md")
        var looked = 0
        for row in Self.rows {
            let texts = row.tests.map { NamedTest($0).text }
            for code in row.codes {
                let last = code.split(separator: ".").last ?? ""
                if code.contains("."), settings.contains("| `\(last)` |") { continue }
                let word = code.hasSuffix("/") ? String(code.dropLast()) : code
                #expect(
                    texts.contains { $0.contains(word) },
                    "\(Self.page):\(row.number) `\(code)` is in none of its tests")
                looked += 1
            }
        }
        #expect(looked > 40, "the codes are read")
    }

    @Test(arguments: [
        ("test_kill.py::test_that_nobody_wrote", NamedTest.Fault.absent),
        ("HaltTests/what nobody wrote", .absent), ("test_kill.py", .absent),
        ("waits.py::until", .uncollected), ("test_kill.py::is_halted", .uncollected),
    ])
    func `a test that is not there or not run is noticed`(
        _ test: String, _ fault: NamedTest.Fault
    ) {
        #expect(NamedTest(test).fault == fault)
    }

    @Test(
        arguments: [
            ("@pytest.mark.skipif(there, reason=why)\ndef test_a():\n    assert x", .skipped),
            ("@pytest.mark.stress\ndef test_a():\n    assert x", .skipped),
            ("def test_a():\n    pytest.skip(why)\n    assert x", .skipped),
            ("def test_a():\n    x()", .assertsNothing), ("def test_a():\n    assert x", nil),
        ] as [(String, NamedTest.Fault?)])
    func `a test in Python that is skipped or asserts nothing is noticed`(
        _ text: String, _ fault: NamedTest.Fault?
    ) {
        #expect(NamedTest.fault(inPython: text) == fault)
    }

    @Test(
        arguments: [
            ("    @Test(.disabled()) func `a`() { #expect(x) }", .skipped),
            ("    @Test(.enabled(if: x))\n    func `a`() { #expect(x) }", .skipped),
            ("    @Test(.enabled(if: x || isCI))\n    func `a`() { #expect(x) }", nil),
            ("    func `a`() { #expect(x) }", .uncollected),
            ("    @Test func `a`() { x() }", .assertsNothing),
            ("    @Test func `a`() { #expect(x) }", nil),
        ] as [(String, NamedTest.Fault?)])
    func `a test in Swift that is skipped or asserts nothing is noticed`(
        _ text: String, _ fault: NamedTest.Fault?
    ) {
        #expect(NamedTest.fault(inSwift: text) == fault)
    }
}

extension String {
    /// The texts in backticks.
    fileprivate var quoted: [String] { parts { $0 % 2 == 1 } }
    fileprivate var unquoted: String { parts { $0 % 2 == 0 }.joined(separator: " ") }

    private func parts(_ isWanted: (Int) -> Bool) -> [String] {
        let parts = split(separator: "`", omittingEmptySubsequences: false)
        return parts.indices.filter(isWanted).map { String(parts[$0]) }
    }
}
