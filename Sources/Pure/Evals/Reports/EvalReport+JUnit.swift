import InterlockModel

extension [EvalReport] {
    /// JUnit XML: one suite for each agent, one case for each case, flaky ones skipped.
    package var junit: String {
        var lines = [#"<?xml version="1.0" encoding="UTF-8"?>"#, "<testsuites>"]
        for report in self {
            let failures = report.rows.count { $0.isFailure }
            let skipped = report.rows.count { $0.isFlaky }
            lines.append(
                #"  <testsuite name="evals of \#(report.agent)" tests="\#(report.rows.count)""#
                    + #" failures="\#(failures)" skipped="\#(skipped)">"#)
            for row in report.rows { lines += row.junit(of: report.agent) }
            lines.append("  </testsuite>")
        }
        return (lines + ["</testsuites>", ""]).joined(separator: "\n")
    }
}

extension EvalReport.Row {
    fileprivate func junit(of agent: AgentName) -> [String] {
        let head =
            #"    <testcase classname="\#(agent).\#(outcome.caseClass.rawValue)""#
            + #" name="\#(outcome.id)" file="\#(XMLText.attribute(place.file))""#
            + #" line="\#(place.line)""#
        if isFlaky {
            let text = XMLText.attribute(reason.map { "flaky, failed: \($0)" } ?? "flaky")
            return [head + ">", #"      <skipped message="\#(text)"/>"#, "    </testcase>"]
        }
        guard let reason else { return [head + "/>"] }
        let text = XMLText.attribute(reason)
        return [head + ">", #"      <failure message="\#(text)"/>"#, "    </testcase>"]
    }
}

/// Text inside XML 1.0.
package enum XMLText {
    /// Escapes the text of an attribute in double quotes. A character that XML 1.0 forbids is written `\uXXXX`; tabs and
    /// line ends are references, since a parser would make spaces of them.
    package static func attribute(_ text: String) -> String {
        var output = ""
        for scalar in text.unicodeScalars {
            switch scalar.value {
            case 0x26: output += "&amp;"
            case 0x3c: output += "&lt;"
            case 0x3e: output += "&gt;"
            case 0x22: output += "&quot;"
            case 0x27: output += "&apos;"
            case 0x09, 0x0a, 0x0d: output += "&#\(scalar.value);"
            case 0..<0x20, 0x7f..<0xa0, 0xfffe, 0xffff:
                let digits = String(scalar.value, radix: 16, uppercase: true)
                output += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
            default: output.unicodeScalars.append(scalar)
            }
        }
        return output
    }
}
