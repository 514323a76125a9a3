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
