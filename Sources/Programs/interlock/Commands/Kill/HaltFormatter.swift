import InterlockJSON

/// Formats halts and their reports for the on-call engineer.
enum HaltFormatter {
    /// Prints one line per point, then the summary. The command fails if anything is unconfirmed.
    static func show(_ report: JSONValue, _ invocation: Invocation) -> Exit {
        let isHalted = report["state"]?.string == "halted"
        guard !invocation.has("json") else {
            Output.json(report)
            return isHalted ? .ok : .no
        }
        for point in report["points"]?.array ?? [] { Output.line(line(of: point)) }
        let isEverywhere = (report["points"]?.array ?? []).allSatisfy {
            ["confirmed", "expired", "not_present"].contains($0["state"]?.string)
        }
        let manual = report["manual"]?.array ?? []
        Output.line(
            "halt \(text(report, "halt")) in force, epoch \(report["epoch"]?.integer ?? 0)"
                + (isEverywhere ? "" : "; NOT confirmed everywhere")
                + (manual.isEmpty ? "" : "; what became of \(manual.count) calls is NOT known"))
        for cut in manual {
            Output.line(
                "check by hand: \(text(cut, "tool")), call \(text(cut, "call")), sent "
                    + text(cut, "sent"))
        }
        return isHalted ? .ok : .no
    }

    private static func line(of point: JSONValue) -> String {
        let head = "\(text(point, "point"))  \(text(point, "state").replacing("_", with: " "))"
        let note = point["note"]?.string.map { "; " + TerminalEscaping.shown($0) } ?? ""
        guard let milliseconds = point["ms"]?.integer else { return head + note }
        let counts = ["denied", "cancelled", "unknown", "left"].map { name in
            "\(point[name]?.integer ?? 0) \(name)"
        }
        return "\(head)  \(milliseconds) ms, \(counts.joined(separator: ", "))\(note)"
    }

    /// Prints the halts in force and the enforcement points.
    static func show(_ status: JSONValue) {
        let halts = status["halts"]?.array ?? []
        Output.line("epoch \(status["epoch"]?.integer ?? 0), \(halts.count) in force")
        for halt in halts {
            Output.line(
                "\(text(halt, "id"))  \(text(halt, "scope")) \(text(halt, "target"))  "
                    + "since \(text(halt, "at")): \(text(halt, "reason"))")
        }
        for point in status["points"]?.array ?? [] {
            let note = point["note"]?.string ?? "local: no lease, an order acts at once"
            Output.line("\(text(point, "point"))  \(TerminalEscaping.shown(note))")
        }
    }

    private static func text(_ value: JSONValue, _ key: String) -> String {
        TerminalEscaping.shown(value[key]?.string ?? "-")
    }
}
