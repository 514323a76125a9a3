import InterlockModel
import InterlockPolicy

extension PolicySnapshot {
    /// The statements that act on an agent's calls of a tool besides its class and effects, in words for people, one or
    /// several clauses each: those of the tool's entry, the waivers of values that count at `now`, and the obligations on
    /// data of tool, server and agent together. Empty if there are none.
    func statements(
        about tool: ToolAddress, for agent: AgentName, at now: Timestamp
    ) -> [String] {
        guard let number = table.number(of: tool) else { return [] }
        let spec = table.rows[number].spec
        let extra = spec.allowsExtra ? ["takes arguments that its schema does not name"] : []
        let data = dataObligations(of: tool, for: agent).map { [$0.words] } ?? []
        return spec.flow.words + valueWaivers(of: tool, at: now) + extra + data
    }
}
