import InterlockCommandLine
package import InterlockJSON

/// The answer of the gateway about readiness, as commands print it. An answer that has no checks is not ready.
package struct ReadinessText {
    private let answer: JSONValue

    package init(_ answer: JSONValue) { self.answer = answer }

    /// Lines without line ends.
    package var lines: [String] {
        let name = answer["agent"]?.string ?? "organisation"
        let stage = answer["stage"]?.string.map { " for \($0)" } ?? ""
        let word = answer["ready"] == .bool(true) ? "ready" : "not ready"
        let checks = (answer["checks"]?.array ?? []).map { check in
            let remedy = check["remedy"]?.string.map { "; run `\($0)`" } ?? ""
            return "  \(Self.text(check, "state").padded(to: 8)) "
                + "\(Self.text(check, "check").padded(to: 12)) \(Self.text(check, "text"))\(remedy)"
        }
        return (["\(name): \(word)\(stage)"] + checks).map { TerminalEscaping.shown($0) }
    }

    /// One line: the first check that is not ok, and the number of the others.
    package var summary: String {
        let unmet = (answer["checks"]?.array ?? []).filter { $0["state"]?.string != "ok" }
        guard let first = unmet.first else {
            return answer["ready"] == .bool(true) ? "yes" : "unknown: the gateway named no check"
        }
        let remedy = first["remedy"]?.string.map { "; run `\($0)`" } ?? ""
        let more = unmet.count > 1 ? "; and \(unmet.count - 1) more: interlock ready" : ""
        return TerminalEscaping.shown(
            "no: \(Self.text(first, "check")) \(Self.text(first, "state")): "
                + "\(Self.text(first, "text"))\(remedy)\(more)")
    }

    private static func text(_ value: JSONValue, _ key: String) -> String {
        value[key]?.string ?? "unknown"
    }
}
