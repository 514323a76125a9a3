import InterlockApprovals
import InterlockJSON
import InterlockModel

/// Formats a request for a terminal: complete, and with all control characters neutralised.
enum ApprovalFormatter {
    /// The facts of a review with a dedicated place in the text.
    private static let placed: Set = [
        "owner", "purpose", "target", "quantity", "reversible", "leaves_to", "preview",
        "preconditions", "break_glass",
    ]

    static func line(_ request: JSONValue) -> String {
        func text(_ key: String) -> String { TerminalEscaping.shown(request[key]?.string ?? "-") }
        let votes = "\(request["have"]?.integer ?? 0) of \(request["quorum"]?.integer ?? 0)"
        return "\(text("shown"))  \(text("state").padded(to: 9)) \(votes.padded(to: 8)) "
            + "\(text("agent")) \(text("tool"))  until \(text("expires"))"
    }

    static func review(_ request: JSONValue) -> String {
        let call = request["review"]?["call"]
        let decision = request["review"]?["decision"]
        func text(_ value: JSONValue?) -> String { TerminalEscaping.shown(value?.string ?? "-") }
        var lines = [
            "request      \(text(request["shown"]))  \(text(request["state"]))",
            "call         \(text(call?["server"])).\(text(call?["tool"]))  (\(text(call?["environment"])))",
            "agent        \(text(call?["agent"]))  run \(text(call?["run"]))  stage \(text(call?["stage"]))",
            "owner        \(text(request["owner"]))",
            "purpose      \(text(request["purpose"]))",
            "why gated    \(text(decision?["rule"])) at \(text(decision?["place"]))",
            "effects      \(effects(decision))",
        ]
        lines += template(request["review"]?["facts"])
        lines += [
            "votes        \(request["have"]?.integer ?? 0) of \(decision?["quorum"]?.integer ?? 0) from \(text(decision?["group"]))",
            "until        \(text(request["expires"]))",
            "arguments",
        ]
        lines += members(call?["args"])
        lines.append("digest       \(text(request["digest"]))")
        return lines.joined(separator: "\n") + "\n"
    }

    /// The lines for the facts: those of the reviewer's template, then the others under their names.
    private static func template(_ facts: JSONValue?) -> [String] {
        let names = [
            ("target", "target"), ("quantity", "quantity"), ("reversible", "reversible"),
            ("leaves_to", "data goes to"),
        ]
        var lines = names.compactMap { name, title in
            facts?[name]?.string.map { "\(title.padded(to: 12)) \(TerminalEscaping.shown($0))" }
        }
        if let preview = facts?["preview"] { lines += self.preview(preview) }
        if let conditions = facts?["preconditions"] {
            lines.append("unchanged    as long as these are the same when the call is sent")
            lines += members(conditions)
        }
        if let order = facts?["break_glass"] {
            lines.append("break-glass  one person decides in the place of several")
            lines += members(order)
        }
        for (name, value) in ReviewFacts.others(in: facts ?? .null, besides: placed) {
            lines.append("\(TerminalEscaping.shown(name).padded(to: 12)) \(shown(value))")
        }
        return lines
    }

    private static func preview(_ preview: JSONValue) -> [String] {
        let tool = TerminalEscaping.shown(preview["tool"]?.string ?? "-")
        if let failed = preview["failed"]?.string {
            return ["preview      \(tool) could not be read (\(TerminalEscaping.shown(failed)))"]
        }
        return ["preview      by \(tool)"] + members(preview["shows"])
    }

    private static func members(_ object: JSONValue?) -> [String] {
        (object?.object?.members ?? []).map { key, value in
            "  \(TerminalEscaping.shown(key)): \(shown(value))"
        }
    }

    private static func shown(_ value: JSONValue) -> String {
        TerminalEscaping.shown(String(decoding: value.serialized(), as: UTF8.self))
    }

    private static func effects(_ decision: JSONValue?) -> String {
        let names = decision?["effects"]?.array?.compactMap(\.string) ?? []
        return names.isEmpty ? "none" : names.joined(separator: ", ")
    }
}

/// Makes text from a call safe to print: characters that are invisible, move the cursor or change the writing direction
/// are replaced by their code points.
enum TerminalEscaping {
    static func shown(_ text: String) -> String { text.withMarks }
}
