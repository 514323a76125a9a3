package import InterlockModel

/// One server of a snapshot.
package struct ServerEntry: Sendable {
    private let spec: ServerSpec
    package let credentials: [AgentName: CredentialEntry]
    /// The tools, resources and prompts, by name.
    package let tools: [ToolName: ToolEntry]
    /// The resources in the order of their precedence.
    package let resources: [ResourceEntry]

    package var name: ServerName { spec.name }
    /// The connection, or nil if the policy does not state it.
    package var connect: ServerConnection? { spec.connection }
    /// The paths of the host, beyond the common tree and its program, that a stdio server's child may read, and write.
    package var sandboxRead: [String] { spec.sandboxRead }
    package var sandboxWrite: [String] { spec.sandboxWrite.filter { !ServerCache.isOwn($0) } }
    /// The folders inside that are kept for the server alone.
    package var sandboxCaches: [String] { spec.sandboxWrite.filter(ServerCache.isOwn) }
    /// The sandbox of a stdio server's child.
    package var sandbox: SandboxSettings { spec.sandbox?.settings ?? .mcp }
    /// True for a server that the gateway starts itself.
    package var isChild: Bool { if case .stdio? = connect { true } else { false } }
    /// The network in which a stdio server's child is started.
    package var network: ServerNetwork { spec.network }
    /// The user whose process must answer, for an HTTP server on this machine.
    package var owner: UInt32? { spec.owner }
    /// True if the name of an HTTP server may lead to a private or loopback address.
    package var allowsPrivateNames: Bool { spec.allowsPrivateNames }
    package var weakness: ServerWeakness? { spec.weakness }
    /// The additional environment variables of a stdio server's child.
    package var variables: ServerVariables { spec.variables }
    package var reviewed: ServerReview? { spec.reviewed }
    package var environment: String { spec.environment }
    /// The requests that the server may send to the caller in the middle of a call.
    package var asks: Set<ServerAsk> { spec.asks }
    package var place: PolicyLocation { spec.place }

    init(_ server: ServerSpec) {
        spec = server
        var credentials: [AgentName: CredentialEntry] = [:]
        for credential in server.credentials {
            guard let agent = AgentName(credential.agent.value) else { continue }
            credentials[agent] = CredentialEntry(
                header: credential.header, secret: credential.secret.value,
                rotation: credential.rotation?.value)
        }
        self.credentials = credentials
        var tools: [ToolName: ToolEntry] = [:]
        for tool in server.tools {
            tools[tool.name] = ToolEntry(
                toolClass: tool.toolClass, effects: tool.effects, units: tool.units,
                flow: tool.flow, allowsExtra: tool.allowsExtra, place: tool.place)
        }
        self.tools = tools
        resources = server.tools.compactMap { tool in
            tool.uri.map { ResourceEntry(name: tool.name, uri: $0) }
        }.sorted { ($0.rank, $1.name) > ($1.rank, $0.name) }
    }
}

package struct CredentialEntry: Sendable, Hashable {
    /// The request header that carries the credential.
    package let header: String
    /// The name of the secret at its provider, never its value.
    package let secret: String
    package let rotation: CredentialRotation?
}

package struct ToolEntry: Sendable, Hashable {
    package let toolClass: ToolClass
    /// The effects that controls apply to: with `read` for reads, and `irreversible` if none is stated.
    package let effects: EffectSet
    /// The units in which people read the arguments.
    package let units: ToolUnits
    /// The statements about the flow of values.
    package let flow: ToolFlow
    /// True if arguments may have members that the reviewed schema does not name.
    package let allowsExtra: Bool
    package let place: PolicyLocation
}
