package import InterlockModel

extension PolicySnapshot {
    /// The tools that the agent sees in tools/list, sorted (docs/specs/policy.md, section 4.3).
    ///
    /// - Parameters:
    ///   - stage: the stage of the trust record, which the file's own stage caps.
    ///   - elevations: the elevations of the store, or nil for no elevations.
    package func visibleTools(
        for agent: AgentName, stage: TrustStage, elevations: ElevationSet? = nil, at now: Timestamp
    ) -> [ToolAddress] {
        guard let entry = agents[agent] else { return [] }
        let column = entry.column(at: entry.effectiveStage(stage))
        let elevated = elevations?.cells(of: agent, under: digest) ?? [:]
        let status = entry.cells.cells.filter { $0.isVisible(in: column, at: now) }
            .flatMap(\.tools).filter { elevated[$0] == nil }
        let added = elevated.filter { $0.value.isVisible(in: column, at: now) }.keys
        return (status + added).map { table.rows[$0].address }.sorted()
    }

    /// The tools that a scope or `approval_required` of the agent names, sorted, whatever its stage, the tier and the
    /// time make of them.
    package func scopedTools(of agent: AgentName) -> [ToolAddress] {
        (agents[agent]?.cells.cells ?? []).filter(\.isStanding).flatMap(\.tools)
            .map { table.rows[$0].address }.sorted()
    }

    /// Returns true if `visibleTools` contains the tool, without making the list.
    package func isVisible(
        _ address: ToolAddress, to agent: AgentName, stage: TrustStage,
        elevations: ElevationSet? = nil, at now: Timestamp
    ) -> Bool {
        guard let (entry, cell) = cell(of: address, for: agent, elevations) else { return false }
        return cell.isVisible(in: entry.column(at: entry.effectiveStage(stage)), at: now)
    }

    /// Returns true if people may have to decide a call of the tool. If false, they certainly need not.
    package func mayNeedPeople(
        _ address: ToolAddress, for agent: AgentName, stage: TrustStage,
        elevations: ElevationSet? = nil
    ) -> Bool {
        guard let (entry, cell) = cell(of: address, for: agent, elevations) else { return false }
        return cell.mayNeedPeople(in: entry.column(at: entry.effectiveStage(stage)))
            || entry.spec.taint != nil
    }

    private func cell(
        of address: ToolAddress, for agent: AgentName, _ elevations: ElevationSet?
    ) -> (AgentEntry, CompiledCell)? {
        guard let entry = agents[agent], let tool = table.number(of: address),
            let cell = elevations?.cell(tool, of: agent, under: digest)
                ?? entry.cells.cell(of: tool, kind: table.kindOfRow[tool])
        else { return nil }
        return (entry, cell)
    }

    /// Returns true if the policy admits arguments that the reviewed schema of the tool does not name.
    package func allowsExtraArguments(_ address: ToolAddress) -> Bool {
        servers[address.server]?.tools[address.tool]?.allowsExtra ?? false
    }

    /// The obligations on a call's data, whatever is decided, or nil if there are no obligations.
    package func dataObligations(
        of address: ToolAddress, for agent: AgentName
    ) -> DataObligations? {
        guard let tool = table.number(of: address) else { return nil }
        let data = agents[agent]?.data[tool] ?? table.rows[tool].data
        return data.isEmpty ? nil : data
    }
}
