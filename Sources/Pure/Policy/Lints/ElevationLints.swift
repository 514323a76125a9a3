import InterlockModel

/// Reports elevations that grant nothing (L114 and L115).
func lintElevations(
    _ document: PolicyDocument, _ table: ToolTable, at now: Timestamp, _ findings: inout Findings
) {
    guard !document.elevations.isEmpty else { return }
    let agents = agentsByName(document)
    for elevation in document.elevations {
        func report(_ code: FindingCode, _ problem: String) {
            findings.add(code, at: elevation, "\(elevation.id.value): \(problem)")
        }
        if now > elevation.until + .seconds(7 * 86_400) {
            report(.elevationEnded, "ended on \(elevation.until.rfc3339(fractionDigits: 0))")
        }
        for problem in unfitness(elevation, agents[elevation.agent.value], document, table) {
            report(.elevationUnfit, problem)
        }
    }
}

/// The elevations that grant something during their windows, by agent.
func fitElevations(_ document: PolicyDocument, _ table: ToolTable) -> [String: [ElevationSpec]] {
    guard !document.elevations.isEmpty else { return [:] }
    let agents = agentsByName(document)
    let fit = document.elevations.filter {
        unfitness($0, agents[$0.agent.value], document, table).isEmpty
    }
    return Dictionary(grouping: fit, by: \.agent.value)
}

private func agentsByName(_ document: PolicyDocument) -> [String: AgentSpec] {
    Dictionary(document.agents.map { ($0.name.text, $0) }, uniquingKeysWith: { first, _ in first })
}

/// The reasons why an elevation never grants anything (docs/specs/policy.md, section 4.3); empty if it is
/// fit.
private func unfitness(
    _ elevation: ElevationSpec, _ agent: AgentSpec?, _ document: PolicyDocument, _ table: ToolTable
) -> [String] {
    var problems: [String] = []
    let rules = document.elevationDefaults
    if elevation.until - elevation.from > rules.max {
        problems.append("lasts longer than `defaults.elevation.max`")
    }
    if elevation.reason == nil { problems.append("no reason") }
    var approvers = Set(elevation.approvedBy.map(\.value))
    if let agent, let owner = agent.owner?.value, canBeGrave(elevation, agent, document, table) {
        approvers.remove(owner)
    }
    if approvers.count < rules.approvers {
        problems.append("approved by \(approvers.count) of \(rules.approvers) people who count")
    }
    return problems
}

/// Returns true if a granted tool can spend money or touch production, so that the owner does not count.
private func canBeGrave(
    _ elevation: ElevationSpec, _ agent: AgentSpec, _ document: PolicyDocument, _ table: ToolTable
) -> Bool {
    for scope in elevation.scopes {
        for number in table.numbers(of: scope.server) ?? 0..<0 {
            let row = table.rows[number]
            guard
                scope.grants.contains(where: {
                    $0.names(row.spec.name.text, of: row.spec.toolClass)
                })
            else { continue }
            var effects = row.spec.effects
            for index in row.effectRules where document.effectRules[index].concerns(agent) {
                if let effect = document.effectRules[index].adds { effects.insert(.init(effect)) }
            }
            if effects.has(.spendsMoney) || effects.has(.production) { return true }
        }
    }
    return false
}
