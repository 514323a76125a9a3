import InterlockModel

/// Makes an agent's cells, sorted by tool.
struct CellCompiler {
    let document: PolicyDocument
    let table: ToolTable
    /// Elevations that grant something (L115), by agent; each list by id.
    let elevations: [String: [ElevationSpec]]

    init(document: PolicyDocument, table: ToolTable) {
        self.document = document
        self.table = table
        elevations = fitElevations(document, table)
    }

    /// - Parameter store: elevations of the store, for this agent.
    func cells(of agent: AgentSpec, with store: [StoreElevation] = []) -> [Cell] {
        let grants = grants(of: agent.scopes)
        var overlays: [Int: [ElevationOverlay]] = [:]
        func overlay(_ id: String, _ scopes: [ScopeSpec], _ from: Timestamp, _ until: Timestamp) {
            for (tool, grants) in self.grants(of: scopes) {
                overlays[tool, default: []].append(
                    ElevationOverlay(id: id, from: from, until: until, grants: grants))
            }
        }
        for elevation in elevations[agent.name.text] ?? [] {
            overlay(elevation.id.value, elevation.scopes, elevation.from, elevation.until)
        }
        for elevation in store {
            overlay(elevation.id, elevation.scopes, elevation.from, elevation.until)
        }
        let entries = approvalEntries(of: agent)
        let tools = Set(grants.keys).union(entries.keys).union(overlays.keys)
        return tools.sorted().map { number in
            cell(
                number, agent, grants: grants[number] ?? [], elevations: overlays[number] ?? [],
                entry: entries[number])
        }
    }

    private func cell(
        _ number: Int, _ agent: AgentSpec, grants: [GrantSpec], elevations: [ElevationOverlay],
        entry: Located<String>?
    ) -> Cell {
        let row = table.rows[number]
        let classes = document.tiers[agent.effectiveTier]?.classes ?? []
        return Cell(
            tool: number, grants: grants, elevations: elevations, approvalEntry: entry,
            forbids: row.forbids.map { document.forbids[$0] }.filter { $0.concerns(agent) }
                .unguardedFirst,
            effectRules: row.effectRules.map { document.effectRules[$0] }
                .filter { $0.concerns(agent) },
            isWithinTier: classes.contains(row.spec.toolClass), effects: row.spec.effects)
    }

    /// What scopes grant, by tool.
    func grants(of scopes: [ScopeSpec]) -> [Int: [GrantSpec]] {
        var grants: [Int: [GrantSpec]] = [:]
        for scope in scopes {
            for number in table.numbers(of: scope.server) ?? 0..<0 {
                let spec = table.rows[number].spec
                for grant in scope.grants where grant.names(spec.name.text, of: spec.toolClass) {
                    grants[number, default: []].append(grant)
                }
            }
        }
        return grants.mapValues { $0.count > 1 ? $0.sorted(by: isTriedBefore) : $0 }
    }

    private func approvalEntries(of agent: AgentSpec) -> [Int: Located<String>] {
        var entries: [Int: Located<String>] = [:]
        for entry in agent.approvalRequired {
            guard case .tool(let address) = document.resolver.resolve(entry.value, for: agent),
                let number = table.number(of: address)
            else { continue }
            // The smaller path, so that the order of the file has no say in a verdict's rule.
            if let known = entries[number], known.value <= entry.value { continue }
            entries[number] = entry
        }
        return entries
    }
}

extension [RuleSpec] {
    /// Which of several forbids is named: an unguarded one, else the first by id.
    var unguardedFirst: [RuleSpec] { filter { $0.when == nil } + filter { $0.when != nil } }
}

/// The order of `Cell.grants`; a total one, but for grants that say the same.
private func isTriedBefore(_ a: GrantSpec, _ b: GrantSpec) -> Bool {
    if a.sandboxedOnly != b.sandboxedOnly { return b.sandboxedOnly }
    guard let left = a.when?.source else { return b.when != nil }
    guard let right = b.when?.source else { return false }
    return left < right
}
