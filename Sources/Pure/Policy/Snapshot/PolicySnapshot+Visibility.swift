package import InterlockModel

extension PolicySnapshot {
    /// Whether the tool is in the agent's list: as `visibleTools`, for one tool, without making the list.
    package func isVisible(_ address: ToolAddress, to agent: AgentName, stage: Stage) -> Bool {
        guard let entry = agents[agent], let tool = table.number(of: address),
            let cell = entry.cell(tool)
        else { return false }
        return cell.isVisible[entry.row(at: entry.effectiveStage(stage))]
    }
}
