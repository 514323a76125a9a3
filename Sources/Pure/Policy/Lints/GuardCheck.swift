import InterlockModel

/// Judges every guard of a policy for each tool that it is about (specs of the policy, 5.2).
struct GuardCheck {
    let document: PolicyDocument
    let table: ToolTable
    let guards: GuardCompiler

    func run() {
        for (index, rule) in document.forbids.enumerated() {
            check(rule, table.rows.filter { $0.forbids.contains(index) })
        }
        for (index, rule) in document.effectRules.enumerated() {
            check(rule, table.rows.filter { $0.effectRules.contains(index) })
        }
        for scope in document.agents.flatMap(\.scopes) { check(scope) }
        for scope in document.elevations.flatMap(\.scopes) { check(scope) }
    }

    private func check(_ rule: RuleSpec, _ rows: [ToolTable.Row]) {
        guard let text = rule.when else { return }
        check(text, rows, path: rule.path)
    }

    private func check(_ scope: ScopeSpec) {
        for grant in scope.grants {
            guard let text = grant.when else { continue }
            let rows = (table.numbers(of: scope.server) ?? 0..<0).map { table.rows[$0] }
            check(
                text, rows.filter { grant.names($0.spec.name.text, of: $0.spec.toolClass) },
                path: grant.path)
        }
    }

    private func check(_ text: GuardText, _ rows: [ToolTable.Row], path: String) {
        // About no listed tool: still a guard. Without schemas it is the same for every tool.
        if rows.isEmpty || guards.isUntyped { return guards.check(text, for: nil, path: path) }
        for row in rows { guards.check(text, for: row.address, path: path) }
    }
}

/// E314: time zones of working hours.
func checkZones(_ document: PolicyDocument, _ zones: any ZoneSource, _ findings: inout Findings) {
    for agent in document.agents {
        guard let zone = agent.hours?.zone, zones.zone(named: zone.value) == nil else { continue }
        findings.add(
            .guardZone, at: zone.place, path: zone.path, subject: agent.name,
            "hours: no time zone `\(zone.value)`")
    }
}
