import InterlockCommandLine
import InterlockJSON

/// The report of `interlock provenance capacity` for people.
struct ReviewCapacityText {
    private let report: JSONValue

    init(_ report: JSONValue) { self.report = report }

    /// True if no reviewer is over the limit or capped, and every check was read.
    var isInOrder: Bool {
        report.number("unread") == 0
            && !report.rows("reviewers").contains { $0.flag("over_limit") || $0.flag("capped") }
    }

    var lines: [String] {
        var lines: [String] = []
        for row in report.rows("reviewers") { lines += Self.lines(of: row) }
        if lines.isEmpty { lines.append("no change by an agent was opened, reviewed or merged") }
        lines.append(limit)
        for row in report.rows("gate_changes") {
            lines.append(
                "the gate itself: record \(row.number("record")), \(row.text("at")), \(row.text("verdict")), \(row.number("files")) files, head \(String(row.text("head").prefix(12)))"
            )
        }
        if report.number("unread") > 0 {
            lines.append(
                "\(report.number("unread")) checks cannot be read; their changes are not counted")
        }
        if report.number("unnamed") > 0 {
            lines.append(
                "\(report.number("unnamed")) checks name no change in `--review`, and are not counted"
            )
        }
        return lines
    }

    private var limit: String {
        var parts: [String] = []
        if let changes = report["limit_changes"]?.integer {
            parts.append("\(changes) open changes")
        }
        if let lines = report["limit_lines"]?.integer { parts.append("\(lines) changed lines") }
        let amount = parts.isEmpty ? "none" : parts.joined(separator: " and ")
        let over = report.text("over")
        return report.flag("limit_stated")
            ? "limit for each reviewer: \(amount); over it: \(over)"
            : "limit for each reviewer: \(amount), the usual one; the policy states none"
    }

    private static func lines(of row: JSONValue) -> [String] {
        let person = row["person"] == nil ? row.text("pseudonym") : row.text("person")
        var lines = ["\(row.text("repository"))  \(person)"]
        lines.append(
            "  "
                + ["opened", "reviewed", "merged", "open"].map { name in
                    "\(name) \(row.number(name)) (\(row.number(name + "_lines")) lines)"
                }.joined(separator: ", "))
        if let half = row["waiting_p50_s"]?.integer, let most = row["waiting_p90_s"]?.integer {
            lines.append(
                "  waited until the first decision: \(time(half)) in the middle, \(time(most)) for 9 of 10"
            )
        }
        if let dwell = row["dwell_per_100_lines_ms"]?.integer {
            lines.append(
                "  reading 100 lines: \(time(dwell / 1000)) in the middle, measured for \(row.number("dwell_measured")) of \(row.number("dwell_known"))"
            )
        }
        if row.number("approvals") > 0 {
            lines.append(
                "  approved \(row.number("approvals")): \(row.number("hasty_approvals")) of \(row.number("timed_approvals")) faster than one can read, \(row.number("uncommented")) changes without a comment, \(row.number("comments_unknown")) not known"
            )
        }
        let hours = row.rows("by_hour").enumerated().filter { ($0.element.integer ?? 0) > 0 }
        if !hours.isEmpty {
            let shown = hours.map { "\($0.offset) h: \($0.element.integer ?? 0)" }
            lines.append(
                "  decisions by hour (UTC): \(shown.joined(separator: ", ")); at most \(row.number("busiest_hour")) in one"
            )
        }
        if row.number("reopened") > 0 || row.number("reverted") > 0 {
            lines.append(
                "  open again: \(row.number("reopened")), reverted: \(row.number("reverted"))")
        }
        if row.flag("over_limit") {
            lines.append("  over the limit of open changes; \(row.number("queued")) wait behind it")
        }
        if row.flag("capped") {
            lines.append(
                "  capped: approved faster than one can read for a week, so 10 changes a day count")
        }
        return lines
    }

    private static func time(_ seconds: Int64) -> String {
        switch seconds {
        case ..<120: "\(seconds) s"
        case ..<7200: "\(seconds / 60) min"
        default: "\(seconds / 3600) h"
        }
    }
}
