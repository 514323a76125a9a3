import InterlockModel

/// What this version reads but does not enforce. A promise that is not kept must not look like one:
/// `serve` refuses the first list and prints the second.
package enum Enforcement {
    /// - Returns: one finding for each place that says more than this version does; sorted.
    package static func unsupported(_ document: PolicyDocument) -> [Finding] {
        var findings = Findings()
        func refuse(_ what: String, _ place: SourcePlace, _ path: String) {
            findings.add(
                .notEnforced, at: place, path: path,
                "\(what): not enforced by this version, so it is not served")
        }
        for rule in document.forbids {
            if let guardText = rule.when { refuse("when", guardText.place, rule.path) }
        }
        for rule in document.effectRules { refuse("effects", rule.place, rule.path) }
        for elevation in document.elevations {
            refuse("elevations", elevation.place, elevation.path)
        }
        if let merge = document.root["merge"] { refuse("merge", merge.place, merge.path) }
        for agent in document.agents {
            for key in agent.notEnforced { refuse(key.value, key.place, key.path) }
            for grant in agent.scopes.flatMap(\.grants) {
                if let guardText = grant.when { refuse("when", guardText.place, grant.path) }
            }
        }
        for server in document.servers {
            for key in server.notEnforced { refuse(key.value, key.place, key.path) }
        }
        return findings.all
    }

    /// Parts that bind other points than the gateway, one line each, for `status`.
    package static func notEnforced(_ document: PolicyDocument) -> [String] {
        var lines: [String] = []
        for agent in document.agents where agent.sandboxProfile != nil {
            lines.append("agents.\(agent.name).sandbox")
        }
        for agent in document.agents where agent.killSwitch != nil {
            lines.append("agents.\(agent.name).kill_switch")
        }
        if document.killSwitch != nil { lines.append("kill_switch") }
        if document.root["tiers"] != nil { lines.append("tiers (calls)") }
        for group in document.groups.keys.sorted() where document.groups[group]?.escalateTo != nil {
            lines.append("approvals.\(group).escalate")
        }
        for server in document.servers where !server.otherItems.isEmpty {
            lines.append("servers.\(server.name) (resources and prompts)")
        }
        return lines
    }
}
