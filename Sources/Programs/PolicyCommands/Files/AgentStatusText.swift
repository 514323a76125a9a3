import InterlockCommandLine
package import InterlockJSON
import InterlockModel

/// The answer of the gateway about one agent, as `interlock status AGENT` prints it.
package struct AgentStatusText {
    /// Lines with line ends between them.
    package let text: String

    package init(_ status: JSONValue) { text = agentText(status) }
}

extension JSONValue {
    /// The autonomy of an agent, such as `0 gated`, and the share of its limits in percent; nil if it has none.
    package var autonomy: (text: String, percent: Int64)? {
        guard let number = self["autonomy"]?.integer,
            let stage = TrustStageAssignment(Int(number))
        else { return nil }
        return (stage.text, self["quota_percent"]?.integer ?? 0)
    }
}

private func agentText(_ status: JSONValue) -> String {
    let tier = status.text("tier")
    let written = status.text("written_stage")
    let stage =
        status.text("stage")
        + (written == status.text("stage") ? "" : " (the file says \(written))")
        + (status.autonomy.map { ", autonomy \($0.text), \($0.percent) % of its limits" } ?? "")
    var lines = [
        "\(status.text("agent")): \(status.text("purpose"))",
        "owner \(status.text("owner")), tier \(tier), stage \(stage), review by \(status.text("review_by")), \(status.text("at"))",
        "workload \(status.text("workload"))",
    ]
    if let halt = status["halted"]?.string { lines.append("HALTED by \(halt)") }
    let held = status.strings("held")
    if !held.isEmpty { lines.append("held at observe: \(held.joined(separator: " "))") }
    if let gate = status["gate"], gate["gate"]?.string != nil { lines.append(gateText(gate)) }
    lines.append("\nWhat is it allowed to do?")
    lines += status.rows("tools").flatMap(toolRows)
    lines += status.rows("tasks").map { task in
        "  a run for \(task.text("task")) uses these tools alone: "
            + task.strings("tools").joined(separator: ", ")
    }
    lines += status.rows("limits").map { limit in
        let (most, stated) = (limit.number("most"), limit.number("stated"))
        let share = most == stated ? "" : " of \(stated) in the file"
        return "  at most \(most)\(share) in \(limit.number("seconds")) s: \(limit.text("limit"))"
    }
    if let sandbox = status["sandbox"]?["summary"]?.string {
        lines.append("  " + TerminalEscaping.shown(sandbox))
    }
    lines.append("\nHow is that enforced?")
    lines += status.rows("enforced_by").map { control in
        "  \(control.text("control").padded(to: 56)) \(control.text("at"))"
    }
    lines += status.strings("not_enforced").map { part in
        "  \(part.padded(to: 56)) guidance: enforced by `interlock run` alone"
    }
    lines.append("\nWhat did it actually do?")
    let did = status["did"] ?? .null
    lines += (did["records"]?.object?.members ?? []).map { type, count in
        "  \(type.padded(to: 24)) \(count.integer ?? 0)"
    }
    lines += did.rows("last").map { call in
        let words = ["tool", "code", "rule"].map { call[$0]?.string ?? "" }.joined(separator: " ")
        return
            "  \(String(call.number("index")).padded(to: 8)) \(call.text("type").padded(to: 14)) "
            + words
    }
    return lines.joined(separator: "\n")
}

/// A tool with its rule and approvers, and a line that says what its calls receive.
private func toolRows(_ tool: JSONValue) -> [String] {
    let group = tool["group"]?.string.map { ", approved by \($0)" } ?? ""
    return [
        "  \(tool.text("tool"))\(group) (\(tool.text("rule")), \(tool.text("at")))",
        "    " + TerminalEscaping.own(tool["outcome"]?.string ?? "not worked out in time"),
    ]
}

/// The verdict of the change gate on one agent.
private func gateText(_ gate: JSONValue) -> String {
    let until = gate["until"]?.string.map { " until \($0)" } ?? ""
    if gate.flag("excepted") { return "evals: served\(until) by an exception of two people" }
    if gate.text("gate") == "passed" { return "evals: served\(until)" }
    let effect = gate["waits_until"]?.string.map { "refused from \($0)" } ?? "refused"
    return "evals: eval-\(gate.text("gate")), \(effect); next: \(gate.text("next"))"
}
