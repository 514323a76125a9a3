import InterlockModel
import InterlockPolicy

/// Test results in the JUnit format that CI systems read.
package struct JUnitReport {
    package let text: String

    /// - Parameter grave: what is reachable without a person; reported as one additional case, which fails unless it
    ///   is empty.
    package init(_ results: [PolicyTestResult], grave: [String]) {
        let failures = results.filter { !$0.passed }.count + (grave.isEmpty ? 0 : 1)
        var lines = [
            #"<?xml version="1.0" encoding="UTF-8"?>"#,
            #"<testsuite name="policy" tests="\#(results.count + 1)" failures="\#(failures)">"#,
        ]
        for result in results {
            lines += Self.testCase(
                result.name, result.place.file, result.place.line,
                result.passed ? nil : result.text)
        }
        lines += Self.testCase(
            "nothing grave is reachable by allow", "policy", 1,
            grave.isEmpty ? nil : grave.joined(separator: "; "))
        text = (lines + ["</testsuite>", ""]).joined(separator: "\n")
    }

    private static func testCase(
        _ name: String, _ file: String, _ line: Int, _ failure: String?
    ) -> [String] {
        let head =
            #"  <testcase name="\#(XMLText.attribute(name))" file="\#(XMLText.attribute(file))""#
            + #" line="\#(line)""#
        guard let failure else { return [head + "/>"] }
        let text = XMLText.attribute(failure)
        return [head + ">", #"    <failure message="\#(text)"/>"#, "  </testcase>"]
    }
}
