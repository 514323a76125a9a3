import InterlockHooks
import InterlockModel
import InterlockPolicy

/// The sections of an agent's rules, as lines of Markdown. People are named by the group that approves, tools of others and
/// texts of servers not at all.
struct GuidanceSections {
    let policy: PolicySnapshot
    let entry: AgentEntry
    let reach: WorstCase

    private var spec: AgentSpec { entry.spec }
    private var isHeld: Bool { reach.terms.stage == .observe }

    /// The tools whose calls are always allowed.
    var free: [WorstCase.Row] {
        reach.rows.filter { $0.outcome.lines.map(\.verdict) == [.allow] }.sorted(by: byName)
    }
    /// The tools of which some call needs approval or is denied.
    var conditional: [WorstCase.Row] {
        reach.rows.filter { $0.outcome.lines.map(\.verdict) != [.allow] }.sorted(by: byName)
    }

    private func byName(_ a: WorstCase.Row, _ b: WorstCase.Row) -> Bool { a.tool < b.tool }

    var facts: [String] {
        var lines = [
            "- Policy: \(QuotedValue.span(policy.digestText))",
            "- Purpose: \(spec.purpose.map(QuotedValue.span) ?? "none stated")",
            "- Tier: \(QuotedValue.span(spec.effectiveTier.rawValue))",
            "- Stage: \(QuotedValue.span(reach.terms.stage.rawValue))",
        ]
        if let hours = spec.hours {
            lines.append("- Hours: \(QuotedValue.span("\(hours.text) \(hours.zone.value)"))")
        }
        if let taint = spec.taint {
            lines.append("- \(taint.words.prefix(1).uppercased())\(taint.words.dropFirst()).")
        }
        if isHeld {
            lines.append("- No call is carried out at this stage: calls are decided and recorded.")
        }
        return lines
    }

    var tools: [String] {
        var lines = ["## Tools without approval", ""]
        lines += free.isEmpty ? ["None."] : free.map { "- \(name($0))" }
        lines += ["", "## Tools under conditions", ""]
        if conditional.isEmpty {
            lines.append("None.")
        } else {
            lines += [approvers, ""]
            lines += conditional.map {
                "- \(name($0)): \(QuotedValue.span($0.outcome.sentence))"
            }
        }
        if !reach.denied.isEmpty {
            lines += ["", "## Tools that are granted and denied", ""]
            lines += reach.denied.sorted(by: byName).map {
                "- \(name($0)): \(QuotedValue.span($0.outcome.sentence))"
            }
        }
        if reach.asksHostUser {
            lines += [
                "",
                "Before an allowed call of `host` that changes something and can be undone, your host asks its own user.",
            ]
        }
        return lines + ["", "Every other tool is refused."]
    }

    private var approvers: String {
        guard let name = spec.approvers?.value, let group = policy.groups[name] else {
            return "No group approves for this agent, so a call that needs approval is denied."
        }
        let wait = QuotedValue.span(durationText(group.expires.components.seconds))
        return
            "The group \(QuotedValue.span(name)) approves. A request waits \(wait) for it at most."
    }

    /// The tool with the names that Claude Code has for it, if it is one of the host's own.
    private func name(_ row: WorstCase.Row) -> String {
        let quoted = QuotedValue.span(row.tool.description)
        guard row.tool.server == HostServer.name else { return quoted }
        let own = HookFacts.claudeCode.tools.filter { $0.tool.hostTool == row.tool.tool.text }
        return own.isEmpty ? quoted : "\(quoted) (\(QuotedValue.list(own.map(\.name))))"
    }

    var limits: [String] {
        var stated: [String] = []
        if spec.calls == nil, let rate = policy.document.tiers[spec.effectiveTier]?.calls {
            stated.append("- calls: \(QuotedValue.span(reach.terms.text(rate)))")
        }
        stated += spec.limits.map {
            "- \(QuotedValue.span($0.subject.text)): \(QuotedValue.span(reach.terms.text($0.rate)))"
        }
        return ["## Limits", ""] + (stated.isEmpty ? ["None."] : stated)
    }

    /// Empty if results reach the agent as they come.
    var data: [String] {
        guard let data = spec.data, !data.isEmpty else { return [] }
        return ["## Results", "", "Parts of these results are left out or masked:", ""]
            + data.map {
                "- \(QuotedValue.span($0.tool.value)): \(QuotedValue.list($0.obligations.names))"
            } + [""]
    }

    /// Empty if the agent may not use a shell.
    var shell: [String] {
        guard
            reach.rows.contains(where: {
                $0.tool.server == HostServer.name && $0.tool.tool.text == "shell"
            })
        else { return [] }
        let listed = entry.hooks?.shellPatterns.map(\.value) ?? []
        return [
            "## Shell commands", "",
            "The gateway reads each command text. A text counts as its gravest command, and one that it cannot"
                + " read as `arbitrary`:", "",
            "- `read` and `test` need no approval.",
            "- `write`, `arbitrary`, `delete` and `push` need what `host.shell` needs above, unless each of their"
                + " commands is listed.",
            "- `deploy` and `production` always need people.", "",
            "Listed commands: \(QuotedValue.list(listed)). Write one plain command at a time: a command with a"
                + " redirection, a variable or an expansion matches no entry of the list.", "",
        ]
    }

    var sandbox: [String] {
        let settings = entry.sandboxSettings
        return [
            "## Files and network of a run", "",
            "The kernel keeps this for a run that `interlock run` starts, and nothing keeps it elsewhere.",
            "",
            "- Hosts: \(QuotedValue.list(reach.sandbox.hosts))",
            "- Models: \(QuotedValue.list(settings.models.map(\.name)))",
            "- Read: \(QuotedValue.list(reach.sandbox.reads))",
            "- Write: \(QuotedValue.list(reach.sandbox.writes))",
            "- Limits: \(QuotedValue.span(reach.sandbox.limits))",
            "- Names that are not there: \(QuotedValue.list(settings.workspace.hidden)). Do not look for them elsewhere, and"
                + " ask for no secret.",
        ]
    }
}
