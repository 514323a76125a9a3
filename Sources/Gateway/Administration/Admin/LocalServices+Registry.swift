import InterlockGovernor
package import InterlockJSON
import InterlockModel
import InterlockPolicy

extension LocalServices {
    /// Returns each agent with its owner, the tools that it is shown now, elevations included, and the credentials that
    /// the gateway uses for it; of a credential its name at the provider, never its value.
    package func registry(_: LocalCall) -> JSONValue {
        let policy = gateway.policy.snapshot
        let agents = policy.agents.values.sorted { $0.name < $1.name }
        return ["agents": .array(agents.map { .object(entry($0, policy)) })]
    }

    private func entry(_ agent: AgentEntry, _ policy: PolicySnapshot) -> JSONObject {
        let terms = agent.terms(gateway.trust(of: agent.name))
        let tools = policy.visibleTools(
            for: agent.name, stage: terms.stage,
            elevations: gateway.elevations.compiled(under: policy),
            at: gateway.clock.wall)
        let servers = policy.servers.values.sorted { $0.name < $1.name }
        return [
            "agent": .string(agent.name.text),
            "owner": agent.owner.map { .string($0.address) } ?? .null,
            "purpose": agent.purpose.map(JSONValue.string) ?? .null,
            "tier": .string(agent.tier.rawValue), "stage": .string(terms.stage.rawValue),
            "review_by": agent.reviewBy.map { .string($0.text) } ?? .null,
            "approvers": agent.approvers.map(JSONValue.string) ?? .null,
            "held": .array(terms.held.map(JSONValue.string)),
            "workload": .string(agent.workloads?.description ?? WorkloadBinding.weak),
            "scopes": .array(tools.map { scope($0, policy) }),
            "credentials": .array(
                servers.compactMap { server in
                    server.credentials[agent.name].map { credential($0, of: server.name) }
                }),
            "at": .string(agent.place.description),
        ]
    }

    private func scope(_ tool: ToolAddress, _ policy: PolicySnapshot) -> JSONValue {
        let entry = policy.servers[tool.server]?.tools[tool.tool]
        return [
            "server": .string(tool.server.text), "tool": .string(tool.tool.text),
            "class": entry.map { .string($0.toolClass.rawValue) } ?? .null,
        ]
    }

    private func credential(_ credential: CredentialEntry, of server: ServerName) -> JSONValue {
        [
            "server": .string(server.text), "secret": .string(credential.secret),
            "header": .string(credential.header),
            "rotate_by": credential.rotation.map { .string($0.on.text) } ?? .null,
            "after": credential.rotation.map { .string($0.after.rawValue) } ?? .null,
        ]
    }
}
