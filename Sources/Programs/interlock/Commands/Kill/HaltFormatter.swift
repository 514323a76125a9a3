import InterlockCommandLine
import InterlockDeployment
import InterlockJSON

/// Formats halts and their reports for the on-call engineer.
enum HaltFormatter {
    /// Prints one line per point, then the summary. The command fails if anything is unconfirmed.
    static func show(_ report: JSONValue, _ invocation: Invocation) -> Exit {
        let points = report.rows("points")
        let isEverywhere = points.allSatisfy {
            ["confirmed", "expired", "not_present"].contains($0["state"]?.string)
        }
        let manual = report.rows("manual")
        let summary =
            "halt \(report.text("halt")) in force, epoch \(report.number("epoch"))"
            + (isEverywhere ? "" : "; NOT confirmed everywhere")
            + (manual.isEmpty ? "" : "; what became of \(manual.count) calls is NOT known")
        let checks = manual.map { cut in
            "check by hand: \(cut.text("tool")), call \(cut.text("call")), sent \(cut.text("sent"))"
        }
        let lines = points.map(line(of:)) + [summary] + checks
        invocation.print(report, lines.joined(separator: "\n"))
        return report["state"]?.string == "halted" ? .ok : .no
    }

    private static func line(of point: JSONValue) -> String {
        let head = "\(point.text("point"))  \(point.text("state").replacing("_", with: " "))"
        let note = point["note"]?.string == nil ? "" : "; " + point.text("note")
        guard let milliseconds = point["ms"]?.integer else { return head + note }
        let counts = ["denied", "cancelled", "unknown", "left"].map { "\(point.number($0)) \($0)" }
        return "\(head)  \(milliseconds) ms, \(counts.joined(separator: ", "))\(note)"
    }

    /// Prints the halts in force and the enforcement points.
    static func show(status: JSONValue, _ invocation: Invocation) -> Exit {
        guard !invocation.isJSON else {
            Output.json(status)
            return .ok
        }
        let halts = status.rows("halts")
        Output.line("epoch \(status.number("epoch")), \(halts.count) in force")
        invocation.print(table: halts, Column.halts)
        return invocation.print(table: status.rows("points"), Column.enforcementPoints)
    }
}
