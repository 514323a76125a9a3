package import InterlockModel

/// The guard variables that are the same for every call of a cell.
package func guardConstants(
    _ row: ToolTable.Row, _ agent: AgentSpec, _ stage: TrustStage
) -> [String: String] {
    [
        "call.server": row.address.server.text, "call.tool": row.address.tool.text,
        "call.class": row.spec.toolClass.rawValue, "call.environment": row.environment,
        "call.kind": "tool", "agent.tier": agent.effectiveTier.rawValue,
        "agent.stage": stage.rawValue,
    ]
}
