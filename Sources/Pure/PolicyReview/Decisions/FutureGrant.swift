import InterlockJSON
import InterlockModel
import InterlockPolicy

extension PolicySnapshot {
    /// An elevation of every tool at every time, to ask what the policy would decide if people granted it.
    func futureGrant(_ agent: AgentName) -> StoreElevation {
        var grants = JSONObject()
        for server in document.servers {
            grants[server.name.text] = .array(
                server.tools.map { ["tool": .string($0.name.text)] })
        }
        return StoreElevation(
            id: "future-grant", agent: agent, grants: .object(grants),
            from: Timestamp(microseconds: -62_135_596_800_000_000),
            until: Timestamp(microseconds: 253_402_300_800_000_000))
    }
}
