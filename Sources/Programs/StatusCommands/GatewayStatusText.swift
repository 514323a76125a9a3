import InterlockCommandLine
package import InterlockJSON
import InterlockPolicyCommands

/// The answer of the gateway about itself, as `interlock status` prints it.
package struct GatewayStatusText {
    /// Lines with line ends between them.
    package let text: String

    package init(_ status: JSONValue) {
        text = rows(of: status).map { $0.title.padded(to: 14) + $0.text }.joined(separator: "\n")
    }
}

/// One line of the status: a title, which is empty below the line that it belongs to, and its text.
private typealias StatusRow = (title: String, text: String)

private func rows(of status: JSONValue) -> [StatusRow] {
    let (ledger, context) = (status["ledger"] ?? .null, status["context"] ?? .null)
    var rows: [StatusRow] = [
        ("organisation", status.text("org")),
        ("policy", "\(status.text("policy")), \(status.number("agents")) agents"),
    ]
    rows += row("user", status["user"]?["bounds"]) { $0 }
    rows += lockRows(status) + policyRows(status)
    rows += [
        ("ledger", "\(ledger.number("records")) records, root \(ledger.text("root"))"),
        (
            "context",
            "given with \(context.number("with")) calls, not with \(context.number("without"))"
        ),
    ]
    rows += row("", ledger["refusing"]) { "takes no permits: \($0)" }
    rows.append(("", ledger["memory"]?.string ?? ""))
    rows += row("", ledger["lint"]) { $0 }
    if let lost = status["payload_keys"]?["lost_runs"]?.integer, lost > 0 {
        rows.append(
            ("PAYLOAD KEYS", "of \(lost) runs are gone: nothing more is permitted to these runs"))
    }
    rows += row("PAYLOAD KEYS", status["payload_keys"]?["fault"]) {
        "a key could not be kept: \($0)"
    }
    rows += status.rows("servers").flatMap(serverRows)
    rows.append(
        (
            "waiting",
            "\(status.number("approvals_pending")) approvals, \(status.number("in_flight")) calls in flight"
        ))
    let console = status["console"]
    rows.append(
        ("console", console?["url"]?.string ?? "none: people decide on the command line alone"))
    for key in ["problem", "missing"] where console?["url"]?.string != nil {
        rows += row("", console?[key]) { $0 }
    }
    rows.append(("runs", "\((status["runs"] ?? .null).number("open")) open"))
    rows += status.rows("channels").flatMap(channelRows)
    rows += status.rows("halts").map { halt in
        let target = "\(halt.text("scope")) \(halt.text("target"))"
        let reason = TerminalEscaping.shown(halt["reason"]?.string ?? "")
        return ("HALTED", "\(target) by \(halt.text("id")): \(reason)")
    }
    rows += (status["break_glass"] ?? .null).rows("unreviewed").map { use in
        let wait = "waits for another person until \(use.text("due"))"
        return (
            use.flag("overdue") ? "FAILING" : "review",
            "break-glass at \(use.text("request")) \(wait)"
        )
    }
    rows += status.rows("stage_exceptions").map { exception in
        let stages = "\(exception.text("from")) to \(exception.text("to"))"
        return (
            "EXCEPTION",
            "\(exception.text("agent")): \(stages) until \(exception.text("expires")) by people"
        )
    }
    rows += evalRows(status["evals"] ?? .null)
    rows += status.strings("not_enforced").map { part in
        ("guidance", "\(part): enforced by `interlock run` alone")
    }
    return rows
}

/// The row of a member that is a text; there is none for one that is missing.
private func row(_ title: String, _ value: JSONValue?, _ text: (String) -> String) -> [StatusRow] {
    value?.string.map { [(title, text(TerminalEscaping.shown($0)))] } ?? []
}

private func serverRows(_ server: JSONValue) -> [StatusRow] {
    let reason = server["reason"]?.string.map { ": " + TerminalEscaping.shown($0) } ?? ""
    let tools = server["tools"]?.integer.map { ", \($0) tools" } ?? ""
    let strays = server["stray_answers"]?.integer.map { ", \($0) answers to no request" } ?? ""
    let state = "\(server.text("server")) \(server.text("state"))"
    return [("server", "\(state)\(tools)\(strays)\(reason)")]
        + row("", server["weak"]) { "WEAK: \($0)" }
        + server.rows("hidden").map { hidden in
            ("", "hidden: \(TerminalEscaping.shown(hidden.string ?? ""))")
        }
}

/// The agents that the change gate refuses or will refuse, as far as they are listed.
private func evalRows(_ evals: JSONValue) -> [StatusRow] {
    let since = evals["refuses_missing_from"]?.string
    let lacking = evals.rows("agents").filter { $0.text("gate") != "passed" }
    let rows: [StatusRow] = lacking.prefix(20).map { agent in
        let gate = agent.text("gate")
        let effect = gate == "missing" ? since.map { "refused from \($0)" } : nil
        return (
            "evals",
            "\(agent.text("agent")): eval-\(gate), \(effect ?? "refused"); \(agent.text("next"))"
        )
    }
    guard lacking.count > rows.count else { return rows }
    return rows + [("", "and \(lacking.count - rows.count) more: interlock eval gate")]
}

private func channelRows(_ channel: JSONValue) -> [StatusRow] {
    [
        (
            "channel",
            "\(channel.text("channel")): \(channel.number("waiting")) alerts wait, "
                + "\(channel.number("delivered")) delivered, \(channel.number("undelivered")) given up"
        )
    ] + row("", channel["problem"]) { "FAILS since \(channel.text("since")): \($0)" }
}

private func lockRows(_ status: JSONValue) -> [StatusRow] {
    let lock = status["policy_load"]?["lock"] ?? .null
    let signers = lock.strings("by").joined(separator: ", ")
    return switch lock["state"]?.string {
    case "absent": [("FOUNDING", LockFile.founding)]
    case "refused": [("LOCK", "no server is offered: \(lock.text("reason"))")]
    case "unsigned": [("lock", status.text("lock")), ("FOUNDING", lock.text("reason"))]
    default: [("lock", status.text("lock") + (signers.isEmpty ? "" : ", signed by \(signers)"))]
    }
}

/// Warnings about the policy's sign-off and last reload, and the elevations.
private func policyRows(_ status: JSONValue) -> [StatusRow] {
    let load = status["policy_load"] ?? .null
    var rows: [StatusRow] = []
    if load.flag("founding") {
        rows += [
            (
                "FOUNDING",
                "no revision was ever signed off: anyone who can write the policy decides"
            ),
            ("", "no agent is above supervised; sign with `interlock policy diff --sign`"),
        ]
    }
    if let basis = load["sign_off"]?.string, ["founding", "single"].contains(basis) {
        rows.append(("ALONE", "the author alone has signed the policy off (\(basis))"))
    }
    if let reload = load["last_reload"], reload["outcome"]?.string == "refused" {
        rows += [
            ("RELOAD", "refused at \(reload.text("at")); the old policy stays:"),
            ("", reload.text("message")),
        ]
    }
    return rows
        + status.rows("elevations").map { elevation in
            let state = "\(elevation.text("state")) until \(elevation.text("until"))"
            return ("elevation", "\(elevation.text("id")) of \(elevation.text("agent")), \(state)")
        }
}
