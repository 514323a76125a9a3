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
