import Testing

/// `docs/fail-closed.md` names tests; each of them is there.
@Suite struct FailClosedTableTests {
    private struct Row {
        let number: Int
        let cells: [String]

        /// What stands in backticks in the last cell.
        var tests: [String] {
            let parts = cells.last?.split(separator: "`", omittingEmptySubsequences: false) ?? []
            return parts.indices.filter { $0 % 2 == 1 }.map { String(parts[$0]) }
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

    @Test func `every row names a test, and every test that is named is there`() {
        #expect(Self.rows.count > 50, "the tables are read")
        for row in Self.rows {
            #expect(row.cells.count == 4, "\(Self.page):\(row.number)")
            #expect(!row.tests.isEmpty, "\(Self.page):\(row.number) names no test")
            for test in row.tests {
                #expect(Self.exists(test), "\(Self.page):\(row.number) `\(test)`")
            }
        }
    }

    @Test func `a test that is not there is noticed`() {
        #expect(!Self.exists("test_kill.py::test_that_nobody_wrote"))
        #expect(!Self.exists("HaltTests/what nobody wrote"))
        #expect(!Self.exists("test_kill.py"))
    }

    /// `test_file.py::test_name`, or the Swift file and the test's sentence: `FileTests/a sentence`.
    private static func exists(_ test: String) -> Bool {
        if let colons = test.firstRange(of: "::") {
            let text = Repository.text(of: "Tests/EndToEnd/" + test[..<colons.lowerBound])
            return text.contains("\ndef \(test[colons.upperBound...])(")
        }
        guard let slash = test.firstIndex(of: "/") else { return false }
        let name = "/\(test[..<slash]).swift"
        return swiftFiles.filter { $0.hasSuffix(name) }.contains {
            Repository.text(of: $0).contains("func `\(test[test.index(after: slash)...])`(")
        }
    }

    private static let swiftFiles = Repository.files(under: "Tests", endingIn: ["Tests.swift"])
}
