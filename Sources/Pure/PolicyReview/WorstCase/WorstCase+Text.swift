package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension WorstCase {
    /// The layout of docs/specs/policy.md, section 8.2: a title, a line for each tool, and a line for the
    /// day.
    package var text: String {
        var lines = [title]
        let columns = rows.map { row in
            [
                row.tool.description,
                (row.effects.map(\.name) + (row.sends ? ["sends"] : [])).joined(separator: ", "),
            ]
        }
        let widths = (0..<2).map { column in columns.map { $0[column].count }.max() ?? 0 }
        for (row, cells) in zip(rows, columns) {
            let padded = zip(cells, widths).map {
                $0 + String(repeating: " ", count: $1 - $0.count)
            }
            var line = "  " + (padded + [row.outcome.sentence] + row.limits).joined(separator: "  ")
            while line.last == " " { line.removeLast() }
            lines.append(line)
            // The column of the effects has `sends`.
            let statements = row.statements.filter { $0 != ToolFlow.sendsWords }
            if !statements.isEmpty {
                lines.append("    " + statements.joined(separator: "; "))
            }
        }
        lines += denied.map { row in
            "  \(row.tool)  \(row.outcome.sentence)"
        }
        if terms.quotaPercent < 100 {
            lines.append(
                "  limits: \(terms.quotaPercent) % of those that the file states"
                    + terms.autonomyText)
        }
        lines.append(
            "  per day: \(daily.text); flows "
                + (flows.isEmpty ? "none" : flows.joined(separator: ", ")))
        if let trifecta { lines.append("  lethal trifecta: " + trifecta.words) }
        lines.append("  " + sandbox.text)
        lines += weakServers.map { "  weak server \($0.server): \($0.weakness.sentence)" }
        if asksHostUser {
            lines.append(
                "  host prompt: the coding agent also asks its own user, who is not authenticated, before allowed "
                    + "reversible calls of host")
        }
        lines += tasks.map { "  a run with this purpose uses these tools alone: \($0.words)" }
        return lines.joined(separator: "\n")
    }

    private var title: String {
        let tierText =
            computedTier > tier
            ? "\(tier.rawValue) (computed \(computedTier.rawValue))" : tier.rawValue
        return "\(agent): tier \(tierText), stage \(terms.stageText), "
            + "\(owner.map { "owner \($0)" } ?? "no owner"), \(rows.count) of \(toolCount) tools"
    }

    package var json: JSONValue {
        guard var object = commonJSON.object else { return commonJSON }
        object["lethal_trifecta"] = trifecta?.json ?? JSONValue.null
        if !tasks.isEmpty { object["tasks"] = .array(tasks.map(\.json)) }
        return .object(object)
    }

    /// The members that each agent has, without `lethal_trifecta`.
    private var commonJSON: JSONValue {
        [
            "agent": .string(agent.text), "tier": .string(tier.rawValue),
            "computed_tier": .string(computedTier.rawValue),
            "stage": .string(terms.stage.rawValue),
            "written_stage": .string(terms.written.rawValue),
            "quota_percent": .integer(terms.quotaPercent),
            "autonomy": terms.autonomyJSON,
            "held": .array(terms.held.map { .string($0) }),
            "owner": owner.map { .string($0.address) } ?? .null,
            "tools": .array(rows.map(\.json)), "denied": .array(denied.map(\.json)),
            "tool_count": .integer(Int64(toolCount)),
            "per_day": [
                "calls": daily.calls.map { .integer($0) } ?? .null,
                "tools": .object(
                    JSONObject(distinct: daily.tools.map { ($0.tool, .integer($0.calls)) })),
                "spend": .array(
                    daily.spend.map { spend in
                        var object: JSONObject = [
                            "tool": .string(spend.tool), "field": .string(spend.field),
                            "most": .integer(spend.most), "mixed_units": .bool(spend.isMixed),
                        ]
                        object["shown"] = spend.shown.map { .string($0) }
                        return .object(object)
                    }),
            ],
            "flows": .array(flows.map { .string($0) }), "sandbox": sandbox.json,
            "host_prompt": .bool(asksHostUser),
            "weak_servers": .array(
                weakServers.map {
                    [
                        "server": .string($0.server.text),
                        "weakness": .string($0.weakness.rawValue),
                    ]
                }),
        ]
    }
}

extension LethalTrifecta {
    package var json: JSONValue {
        func names(_ list: [String]) -> JSONValue { .array(list.map { .string($0) }) }
        return [
            "sensitive": names(sensitive), "outside": names(outside), "exits": names(exits),
            "taint": .bool(isWatched),
        ]
    }
}

extension WorstCase.Row {
    /// The effects of its calls, and whether they send data out, in words for people.
    package var effectWords: [String] {
        effects.map(\.words) + (sends ? [ToolFlow.sendsWords] : [])
    }

    package var json: JSONValue {
        [
            "tool": .string(tool.description),
            "verdicts": .array(verdicts.map { .string($0.description) }),
            "effects": .array(effects.map { .string($0.name) }), "sends": .bool(sends),
            "outcome": .string(outcome.sentence),
            "cases": .array(cases.map(\.json)),
            "guards": .array(guards.map { .string($0) }),
            "elevations": .array(elevations.map { .string($0) }),
            "limits": .array(limits.map { .string($0) }),
            "statements": .array(statements.map { .string($0) }),
        ]
    }
}
