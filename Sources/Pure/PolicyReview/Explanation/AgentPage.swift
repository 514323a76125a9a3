package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// A summary of one agent: its permissions, approvers, limits, data obligations and egress, with their
/// locations in the files (`interlock policy explain AGENT`).
package struct AgentPage {
    package let text: String
    package let json: JSONValue

    /// Returns nil if the policy does not contain the agent.
    package init?(
        _ policy: PolicySnapshot, of agent: AgentName, _ trust: AgentTerms.Trust, at now: Timestamp
    ) {
        guard let entry = policy.agents[agent],
            let reach = WorstCase(policy, of: agent, trust, at: now)
        else { return nil }
        let spec = entry.spec
        let writer = PageWriter(policy: policy, spec: spec, entry: entry, terms: reach.terms)
        var lines = writer.head
        lines += reach.tasks.map { "  task       \($0.words)  \($0.place)" }
        lines += writer.tools(reach)
        lines += writer.forbids
        lines += writer.limits
        lines += writer.data
        lines.append("  egress     \(Self.list(reach.sandbox.hosts))")
        lines += Self.extras(reach.sandbox)
        lines.append(
            "  flows      \(reach.flows.isEmpty ? "none" : reach.flows.joined(separator: ", "))")
        text = lines.joined(separator: "\n")
        var object = reach.json.object ?? [:]
        object["at"] = .string(spec.place.description)
        object["purpose"] = spec.purpose.map { .string($0) } ?? .null
        object["approvers"] = spec.approvers.map { .string($0.value) } ?? .null
        object["held"] = .array(entry.incomplete.map { .string($0) })
        object["egress"] = .array(entry.egress.map { .string($0) })
        json = .object(object)
    }

    /// The lines of what a sandbox has beyond the workspace and the hosts.
    private static func extras(_ sandbox: SandboxReach) -> [String] {
        let parts = [
            ("models   ", sandbox.models), ("reads    ", sandbox.paths),
            ("caches   ", sandbox.caches), ("secrets  ", sandbox.secrets),
            ("passed   ", sandbox.passed), ("waived   ", sandbox.waived),
        ]
        return parts.filter { !$0.1.isEmpty }.map { "  \($0.0)  \(list($0.1))" }
    }

    private static func list(_ texts: [String]) -> String {
        texts.isEmpty ? "none" : texts.joined(separator: ", ")
    }
}

private struct PageWriter {
    let policy: PolicySnapshot
    let spec: AgentSpec
    let entry: AgentEntry
    let terms: AgentTerms

    var head: [String] {
        var lines = [
            "\(spec.name)  \(spec.place)",
            "  purpose    \(spec.purpose ?? "none stated")",
            "  owner      \(spec.owner?.value.address ?? "none"), review by "
                + (spec.reviewBy?.value.text ?? "no date"),
            "  risk       tier \(spec.effectiveTier.rawValue), stage \(terms.stageText)"
                + terms.autonomyText,
            "  sandbox    \(sandbox)",
            "  approvers  \(approvers)",
        ]
        if !entry.incomplete.isEmpty {
            lines.append("  held       \(entry.incomplete.joined(separator: " ")): nothing runs")
        }
        if let hours = spec.hours {
            lines.append("  hours      \(hours.text) \(hours.zone.value)  \(hours.place)")
        }
        if let taint = spec.taint {
            lines.append("  taint      \(taint.words)  \(taint.place)")
        }
        return lines
    }

    private var sandbox: String {
        guard let profile = spec.sandboxProfile else { return "none stated" }
        let reach = SandboxReach(entry)
        return "\(profile): isolation \(reach.isolation), \(reach.limits); enforced by "
            + SandboxReach.enforcer
    }

    private var approvers: String {
        guard let name = spec.approvers?.value, let group = policy.groups[name] else {
            return "none"
        }
        let members = group.members.map(\.address).joined(separator: ", ")
        return "\(name): \(members), within \(group.expires.microseconds / 1_000_000) s"
    }

    func tools(_ reach: WorstCase) -> [String] {
        var lines = reach.rows.isEmpty ? ["  may do     nothing"] : ["  may do"]
        for row in reach.rows {
            lines.append("    \(row.tool)  \(places(of: row.tool))")
            lines.append("      \(row.outcome.sentence)")
            if !row.statements.isEmpty {
                lines.append("      " + row.statements.joined(separator: "; "))
            }
        }
        guard !reach.denied.isEmpty else { return lines }
        lines.append("  denied, though granted")
        for row in reach.denied {
            lines.append("    \(row.tool)  \(row.outcome.sentence)  \(places(of: row.tool))")
        }
        return lines
    }

    private func places(of tool: ToolAddress) -> String {
        guard let number = policy.table.number(of: tool),
            let cell = policy.maker.compiler.cells(of: spec).first(where: {
                $0.tools.contains(number)
            })
        else { return "" }
        let grants = cell.grants + cell.elevations.flatMap(\.grants)
        let all =
            grants.map(\.place.description)
            + [cell.approvalEntry?.place.description].compactMap { $0 }
        return all.joined(separator: ", ")
    }

    var forbids: [String] {
        let rules = policy.document.forbids.filter { $0.concerns(spec) }
        guard !rules.isEmpty else { return ["  never      no forbid concerns it"] }
        return ["  never"]
            + rules.map { rule in
                let when = rule.when.map { " if \($0.source)" } ?? ""
                let tools = rule.patterns.map(\.value.text).joined(separator: ", ")
                return "    \(rule.id.value): \(tools)\(rule.classText)\(when)  \(rule.place)"
            }
    }

    var limits: [String] {
        let stated = spec.limits.map {
            "    \($0.subject.text) \(terms.text($0.rate))  \($0.place)"
        }
        guard spec.calls == nil, let rate = policy.document.tiers[spec.effectiveTier]?.calls else {
            return stated.isEmpty ? ["  limits     none"] : ["  limits"] + stated
        }
        return ["  limits", "    calls \(terms.text(rate))  tier \(spec.effectiveTier.rawValue)"]
            + stated
    }

    var data: [String] {
        guard let data = spec.data, !data.isEmpty else { return ["  data       as it comes"] }
        return ["  data"]
            + data.map {
                "    \($0.tool.value): \($0.obligations.names.joined(separator: ", "))  \($0.tool.place)"
            }
    }
}

extension ToolPattern {
    var text: String {
        switch self {
        case .everything: "*"
        case .server(let server): "\(server).*"
        case .item(let server, let item): "\(server).\(item)"
        }
    }
}

extension LimitSpec.Subject {
    var text: String {
        switch self {
        case .calls: "calls"
        case .tool(let name): name
        case .spend(let tool, let field): "spend of \(field) by \(tool)"
        }
    }
}
