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
        for problem in unfitness(elevation, agents[elevation.agent.value], document, table, now) {
            report(.elevationUnfit, problem)
        }
    }
}

/// The elevations that grant something during their windows, by agent.
func fitElevations(
    _ document: PolicyDocument, _ table: ToolTable, at now: Timestamp
) -> [String: [ElevationSpec]] {
    guard !document.elevations.isEmpty else { return [:] }
    let agents = agentsByName(document)
    let fit = document.elevations.filter {
        unfitness($0, agents[$0.agent.value], document, table, now).isEmpty
    }
    return Dictionary(grouping: fit, by: \.agent.value)
}

private func agentsByName(_ document: PolicyDocument) -> [String: AgentSpec] {
    Dictionary(document.agents.map { ($0.name.text, $0) }, uniquingKeysWith: { first, _ in first })
}

/// The reasons why an elevation never grants anything (docs/specs/policy.md, section 4.3); empty if it is
/// fit.
private func unfitness(
    _ elevation: ElevationSpec, _ agent: AgentSpec?, _ document: PolicyDocument, _ table: ToolTable,
    _ now: Timestamp
) -> [String] {
    var problems: [String] = []
    let rules = document.elevationDefaults
    if elevation.until - elevation.from > rules.max {
        problems.append("lasts longer than `defaults.elevation.max`")
    }
    if elevation.reason == nil { problems.append("no reason") }
    let tools = agent.map { GrantedTool.all(elevation.scopes, for: $0, document, table) } ?? []
    var approvers = Set(elevation.approvedBy.map(\.value))
    if let owner = agent?.owner?.value, tools.contains(where: { $0.effects.excludesOwner }) {
        approvers.remove(owner)
    }
    if approvers.count < rules.approvers {
        problems.append("approved by \(approvers.count) of \(rules.approvers) people who count")
    }
    if let agent, now < elevation.until {
        let voters = VoterCount(of: agent, in: document, at: now)
        problems += tools.compactMap { $0.shortage(for: agent, document, voters) }.prefix(1)
    }
    return problems
}
