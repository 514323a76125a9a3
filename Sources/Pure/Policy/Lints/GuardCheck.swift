import InterlockJSON
import InterlockModel

/// Checks every guard of a policy for each tool that it concerns (docs/specs/policy.md, section 5.2).
struct GuardCheck {
    let document: PolicyDocument
    let table: ToolTable
    let guards: GuardCompiler
    private var known: [Site: [GuardRemark]] = [:]

    /// A text and the tools that a grant names. Many agents share both.
    private struct Site: Hashable {
        let text: ExactText
        let server: String
        let selector: GrantSpec.Selector
    }

    init(document: PolicyDocument, table: ToolTable, guards: GuardCompiler) {
        self.document = document
        self.table = table
        self.guards = guards
    }

    /// Checks all guards except those of agents.
    mutating func checkRules() {
        for (index, rule) in document.forbids.enumerated() {
            check(rule, table.rows.filter { $0.forbids.contains(index) })
        }
        for (index, rule) in document.effectRules.enumerated() {
            check(rule, table.rows.filter { $0.effectRules.contains(index) })
        }
        for elevation in document.elevations { check(elevation.scopes) }
    }

    private func check(_ rule: RuleSpec, _ rows: [ToolTable.Row]) {
        guard let text = rule.when else { return }
        guards.report(guards.remarks(on: text.source, for: rows), on: text, path: rule.path)
    }

    mutating func check(_ scopes: [ScopeSpec]) {
        for scope in scopes {
            for grant in scope.grants {
                guard let text = grant.when else { continue }
                guards.report(remarks(on: text, grant, scope.server), on: text, path: grant.path)
            }
        }
    }

    private mutating func remarks(
        on text: GuardText, _ grant: GrantSpec, _ server: String
    ) -> [GuardRemark] {
        let site = Site(text: ExactText(text.source), server: server, selector: grant.selector)
        if let remarks = known[site] { return remarks }
        let rows = (table.numbers(of: server) ?? 0..<0).map { table.rows[$0] }
        let remarks = guards.remarks(
            on: text.source,
            for: rows.filter { grant.names($0.spec.name.text, of: $0.spec.toolClass) })
        known[site] = remarks
        return remarks
    }
}

extension GuardCompiler {
    /// - Parameter rows: the tools; if empty, the guard concerns no listed tool but is checked
    ///   nevertheless.
    fileprivate func remarks(on text: String, for rows: [ToolTable.Row]) -> [GuardRemark] {
        rows.isEmpty
            ? remarks(on: text, for: nil) : rows.flatMap { remarks(on: text, for: $0.address) }
    }
}

/// Reports unknown time zones of working hours (E314).
func checkZones(_ document: PolicyDocument, _ zones: any ZoneSource, _ findings: inout Findings) {
    for agent in document.agents {
        guard let zone = agent.hours?.zone, zones.zone(named: zone.value) == nil else { continue }
        findings.add(
            .guardZone, at: zone, subject: agent.name, "hours: no time zone `\(zone.value)`",
            help: zones.nearestZone(to: zone.value)
                ?? "write a name of the tz database such as `Europe/Berlin`")
    }
}
