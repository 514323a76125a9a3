import InterlockApprovals
package import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// Formats a request for a terminal: complete, and with all control characters neutralised.
package enum ApprovalFormatter {
    /// The facts of a review with a dedicated place in the text.
    private static let placed: Set = [
        "owner", "purpose", "target", "quantity", "reversible", "leaves_to", "preview",
        "preconditions", "break_glass", ReviewFacts.amounts, "total",
    ]

    package static let columns = [
        Column("REQUEST", "shown"), Column("STATE", "state"),
        Column("VOTES") { "\($0.number("have")) of \($0.number("quorum"))" },
        Column("CALL") { "\($0.text("agent")) \($0.text("tool"))" },
        Column("DUE") { "until \($0.text("expires"))" },
    ]

    static func review(_ request: JSONValue) -> String {
        let call = request["review"]?["call"] ?? .null
        let decision = request["review"]?["decision"] ?? .null
        let effects = decision.strings("effects")
        var lines = [
            "request      \(request.text("shown"))  \(request.text("state"))",
            "call         \(call.text("server")).\(call.text("tool"))  (\(call.text("environment")))",
            "agent        \(call.text("agent"))  run \(call.text("run"))  stage \(call.text("stage"))",
            "owner        \(request.text("owner"))",
            "purpose      \(request.text("purpose"))",
            "why gated    \(decision.text("rule")) at \(decision.text("place"))",
            "effects      \(effects.isEmpty ? "none" : effects.joined(separator: ", "))",
        ]
        lines += template(request["review"]?["facts"])
        lines += [
            "votes        \(request.number("have")) of \(decision.number("quorum")) from \(decision.text("group"))",
            "until        \(request.text("expires"))",
        ]
        lines += request.rows("delegates").map { delegate in
            let seats = TerminalEscaping.shown(delegate.strings("seats").joined(separator: ", "))
            return "seat         \(delegate.text("person")) in the place of \(seats)"
        }
        let uses = request["uses"]?.integer ?? 1
        lines += uses > 1 ? ["used         \(request.number("used")) of \(uses) calls"] : []
        lines.append("arguments")
        lines += members(call["args"])
        lines += amounts(request["review"]?["facts"] ?? .null, call["args"] ?? .null)
        lines.append("digest       \(request.text("digest"))")
        return lines.joined(separator: "\n")
    }

    /// The lines for the amounts in their units, each with the raw value, and for the numbers without a unit.
    private static func amounts(_ facts: JSONValue, _ arguments: JSONValue) -> [String] {
        var lines: [String] = []
        let amounts = ReviewFacts.amounts(in: facts)
        if !amounts.isEmpty { lines.append("amounts") }
        for amount in amounts {
            let raw = amount.raw.map { ": \(shown($0))" } ?? ""
            let source = TerminalEscaping.shown(amount.argument) + raw
            let reason = amount.reason.map { "not shown in its unit: \(TerminalEscaping.own($0))" }
            lines.append("  \(amount.shown.map(TerminalEscaping.own) ?? reason ?? "")  \(source)")
        }
        let undeclared = ReviewFacts.undeclared(in: arguments, facts)
        if !undeclared.isEmpty {
            let names = undeclared.map(TerminalEscaping.shown).joined(separator: ", ")
            lines.append("no unit      unit not declared: \(names)")
        }
        return lines
    }

    /// The lines for the facts: those of the reviewer's template, then the others under their names.
    private static func template(_ facts: JSONValue?) -> [String] {
        let names = [
            ("target", "target"), ("quantity", "quantity"), ("reversible", "reversible"),
            ("leaves_to", "data goes to"), ("total", "total"),
        ]
        let own: Set = ["quantity", "total"]
        var lines = names.compactMap { name, title in
            facts?[name]?.string.map { text in
                let shown =
                    own.contains(name) ? TerminalEscaping.own(text) : TerminalEscaping.shown(text)
                return "\(title.padded(to: 12)) \(shown)"
            }
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
            lines += fact(name, value)
        }
        return lines
    }

    /// The lines of a fact under its title, or under its name if it has none.
    private static func fact(_ name: String, _ value: JSONValue) -> [String] {
        let title = ReviewFacts.title(of: name) ?? TerminalEscaping.shown(name)
        switch (name, value) {
        case (ReviewDocument.labels, .object(let labels)):
            return [title]
                + labels.members.map { key, value in
                    "  \(TerminalEscaping.shown(key)): \(label(value) ?? shown(value))"
                }
        case (ReviewDocument.findings, .object):
            return [title] + members(value)
        default:
            let words = words(of: name, value).map { " (\($0))" } ?? ""
            return ["\(title.padded(to: 12)) \(shown(value))\(words)"]
        }
    }

    /// The words of a label; nil for other text, which has its words already.
    private static func label(_ value: JSONValue) -> String? {
        value.string.flatMap { ValueLabel(rawValue: $0) }?.words
    }

    /// The meaning of a value that is a code; nil for others.
    private static func words(of name: String, _ value: JSONValue) -> String? {
        switch name {
        case ReviewDocument.taintLevel:
            value.integer.flatMap { TaintLevel(rawValue: $0) }?.name
        case ReviewDocument.sideChannel:
            value.string.flatMap { DecisionFacts.SideChannel(rawValue: $0) }?.words
        default: nil
        }
    }

    private static func preview(_ preview: JSONValue) -> [String] {
        let tool = preview.text("tool")
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

    private static func shown(_ value: JSONValue) -> String { TerminalEscaping.shown(value.json) }
}
