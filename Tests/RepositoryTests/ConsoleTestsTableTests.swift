import InterlockTesting
import Testing

/// `docs/console-tests.md` names the tests of the console's rules: each must exist, run and assert something.
@Suite struct ConsoleTestsTableTests {
    private static let page = "docs/console-tests.md"

    private static let rows: [[String]] = Repository.lines(of: page).compactMap { line in
        guard line.hasPrefix("| "), !line.hasPrefix("| rule ") else { return nil }
        return line.dropFirst(2).dropLast(2).split(separator: " | ").map { String($0) }
    }

    @Test func `every rule names a test, and every test that is named is there`() {
        #expect(Self.rows.count > 50, "the table is read")
        for row in Self.rows {
            #expect(row.count == 2, "\(row)")
            let tests = (row.last ?? "").split(separator: "`").filter { $0 != ", " }
            #expect(!tests.isEmpty, "\(row) names no test")
            for test in tests {
                let fault = NamedTest(String(test)).fault
                #expect(fault == nil, "\(Self.page) `\(test)`")
            }
        }
    }

    @Test func `every group of rules of the specification is in the table`() {
        let section = Repository.text(of: "docs/specs/console.md").components(after: "## 6. Tests")
        let groups = section.bold
        #expect(groups.count > 12, "the section is read")
        let named = Self.rows.compactMap(\.first).joined(separator: "\n").bold
        #expect(Set(groups).subtracting(named) == [])
    }
}

extension String {
    fileprivate func components(after heading: String) -> String {
        firstRange(of: heading).map { String(self[$0.upperBound...]) } ?? ""
    }

    /// The texts between pairs of asterisks.
    fileprivate var bold: [String] {
        let parts = replacing("**", with: "\u{1}").split(
            separator: "\u{1}", omittingEmptySubsequences: false)
        return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
    }
}
