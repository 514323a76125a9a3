package import InterlockModel

/// Makes the cells of an agent, sorted by the first of their tools.
package struct CellCompiler {
    let document: PolicyDocument
    let table: ToolTable
    /// The elevations that grant something (L115), by agent; each list is sorted by id.
    let elevations: [String: [ElevationSpec]]

    /// - Parameter now: the time as of which it is decided whether an elevation is fit.
    package init(document: PolicyDocument, table: ToolTable, at now: Timestamp) {
        self.document = document
        self.table = table
        elevations = fitElevations(document, table, at: now)
    }

    /// - Parameter store: the elevations of the store for this agent.
    package func cells(of agent: AgentSpec, with store: [StoreElevation] = []) -> [Cell] {
        let overlays = overlays(of: agent, with: store)
        let entries = approvalEntries(of: agent)
        let named = namedTools(of: agent).union(overlays.keys).union(entries.keys)
        var cells: [Cell] = []
        for scope in agent.scopes {
            for kind in table.kinds(of: scope.server) {
                let tools = named.isEmpty ? kind.tools : kind.tools.filter { !named.contains($0) }
                let grants = scope.grants.filter { $0.selector == .toolClass(kind.toolClass) }
                guard !tools.isEmpty, !grants.isEmpty else { continue }
                cells.append(cell(tools, isNamed: false, kind, agent, grants: grants))
            }
        }
        for tool in named {
            let grants = grants(of: tool, in: agent.scopes)
            let elevations = overlays[tool] ?? []
            let entry = entries[tool]
            guard !grants.isEmpty || !elevations.isEmpty || entry != nil else { continue }
            cells.append(
                cell(
                    [tool], isNamed: true, table.kind(of: tool), agent, grants: grants,
                    elevations: elevations, entry: entry))
        }
        return cells.sorted { $0.tool < $1.tool }
    }

    private func cell(
        _ tools: [Int], isNamed: Bool, _ kind: ToolKind, _ agent: AgentSpec, grants: [GrantSpec],
        elevations: [ElevationOverlay] = [], entry: Located<String>? = nil
    ) -> Cell {
        let classes = document.tiers[agent.effectiveTier]?.classes ?? []
        return Cell(
            tools: tools, isNamed: isNamed, kind: kind,
            grants: grants.count > 1 ? grants.sorted(by: isTriedBefore) : grants,
            elevations: elevations, approvalEntry: entry, forbids: kind.forbids.concerning(agent),
            effectRules: kind.effectRules.concerning(agent),
            isWithinTier: classes.contains(kind.toolClass))
    }

    private func grants(of tool: Int, in scopes: [ScopeSpec]) -> [GrantSpec] {
        let row = table.rows[tool]
        return scopes.filter { $0.server == row.address.server.text }.flatMap(\.grants)
            .filter { $0.names(row.spec.name.text, of: row.spec.toolClass) }
    }

    private func overlays(
        of agent: AgentSpec, with store: [StoreElevation]
    ) -> [Int: [ElevationOverlay]] {
        var overlays: [Int: [ElevationOverlay]] = [:]
        func overlay(_ id: String, _ scopes: [ScopeSpec], _ from: Timestamp, _ until: Timestamp) {
            let tools = Set(scopes.flatMap { table.numbers(of: $0.server) ?? 0..<0 })
            for tool in tools {
                let grants = grants(of: tool, in: scopes).sorted(by: isTriedBefore)
                guard !grants.isEmpty else { continue }
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
        return overlays
    }

    /// The tools that the agent's scopes, data and limits name.
    private func namedTools(of agent: AgentSpec) -> Set<Int> {
        var named: Set<Int> = []
        for scope in agent.scopes {
            for grant in scope.grants {
                guard case .tool(let name) = grant.selector,
                    let number = table.number(of: name, at: scope.server)
                else { continue }
                named.insert(number)
            }
        }
        for data in agent.data ?? [] {
            if let number = table.number(of: data.tool.value) { named.insert(number) }
        }
        for limit in agent.limits {
            switch limit.subject {
            case .calls: continue
            case .tool(let name):
                if let number = table.number(of: name) { named.insert(number) }
            case .spend(let tool, _):
                guard case .tool(let address) = document.resolver.resolve(tool, for: agent),
                    let number = table.number(of: address)
                else { continue }
                named.insert(number)
            }
        }
        return named
    }

    private func approvalEntries(of agent: AgentSpec) -> [Int: Located<String>] {
        var entries: [Int: Located<String>] = [:]
        for entry in agent.approvalRequired {
            guard case .tool(let address) = document.resolver.resolve(entry.value, for: agent),
                let number = table.number(of: address)
            else { continue }
            // The smaller name wins, so that the order of the file does not affect the rule of a verdict.
            if let known = entries[number], known.value <= entry.value { continue }
            entries[number] = entry
        }
        return entries
    }
}

/// The order of `Cell.grants`, which is total except for grants that state the same.
private func isTriedBefore(_ a: GrantSpec, _ b: GrantSpec) -> Bool {
    if a.sandboxedOnly != b.sandboxedOnly { return b.sandboxedOnly }
    guard let left = a.when?.source else { return b.when != nil }
    guard let right = b.when?.source else { return false }
    return left < right
}
