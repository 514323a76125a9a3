import InterlockModel

extension [EvalReport] {
    /// A summary in Markdown (GFM). Text of agents, tools and files is in code spans alone, in which no link, image,
    /// mention or HTML is rendered; tables have names and numbers of this program alone.
    package var markdown: String {
        var lines: [String] = []
        for report in self {
            lines += ["## Evals of \(report.agent): \(report.verdictText)", ""]
            lines += report.reasons.map { "- \(MarkdownText.code($0))" }
            if !report.reasons.isEmpty { lines.append("") }
            lines += ["| class | passed, rate, 95 % interval |", "| --- | --- |"]
            for caseClass in CaseClass.allCases {
                guard let rate = report.rate(of: caseClass) else { continue }
                lines.append("| \(caseClass.rawValue) | \(rate.text) |")
            }
            lines += report.trialLines
            let shown = report.rows.filter { !$0.outcome.passed }
            if !shown.isEmpty { lines += ["", "### Failed", ""] }
            for row in shown {
                let place = MarkdownText.code("\(row.place.file):\(row.place.line)")
                lines.append(
                    "- \(row.outcome.id)\(row.isFlaky ? " (flaky)" : "") at \(place): "
                        + MarkdownText.code(row.reason ?? ""))
            }
            if !report.flags.isEmpty { lines += ["", "### Flags", ""] }
            lines += report.flags.map { "- \(MarkdownText.code($0))" }
            lines += ["", "Seed \(report.seed).", ""]
        }
        return lines.joined(separator: "\n")
    }
}

extension EvalReport {
    /// The numbers of agent cases: of all of them by gate, and of each; empty if there are none.
    fileprivate var trialLines: [String] {
        guard !agentRows.isEmpty else { return [] }
        var lines = ["", "### Trials of agent cases", ""]
        lines += trialSummaries.map { "- \($0)" }
        lines += ["", "| case | trials, pass^k, pass@k |", "| --- | --- |"]
        for row in agentRows {
            let flaky = row.isFlaky ? " (flaky)" : ""
            lines.append("| \(row.outcome.id)\(flaky) | \(row.outcome.trialsText ?? "") |")
        }
        return lines
    }
}

/// Text inside Markdown.
package enum MarkdownText {
    /// Returns a code span that has all of the text and nothing else: line ends and characters that are not seen become
    /// their code points, and the fence is longer than each run of backticks in the text.
    package static func code(_ text: String) -> String {
        let shown = text.withMarks
        var longest = 0
        var run = 0
        for byte in shown.utf8 {
            run = byte == UInt8(ascii: "`") ? run + 1 : 0
            longest = max(longest, run)
        }
        let fence = String(repeating: "`", count: longest + 1)
        // One space at each end is stripped by the renderer, and keeps a backtick at the end apart from the fence.
        return "\(fence) \(shown) \(fence)"
    }
}
