package import InterlockModel

/// One server of a snapshot.
package struct ServerEntry: Sendable {
    package let name: ServerName
    /// The connection, or nil if the policy does not state it.
    package let connect: ServerConnection?
    /// The additional paths, beyond the common tree, that a stdio server's child may read, and write.
    package let sandboxRead: [String]
    package let sandboxWrite: [String]
    /// The network in which a stdio server's child is started.
    package let network: ServerNetwork
    /// The user whose process must answer, for an HTTP server on this machine.
    package let owner: UInt32?
    package let weakness: ServerWeakness?
    /// The additional environment variables of a stdio server's child.
    package let variables: ServerVariables
    package let reviewed: ServerReview?
    package let credentials: [AgentName: CredentialEntry]
    package let environment: String
    /// The requests that the server may send to the caller in the middle of a call.
    package let asks: Set<ServerAsk>
    /// The tools, resources and prompts, by name.
    package let tools: [ToolName: ToolEntry]
    /// The resources in the order of their precedence.
    package let resources: [ResourceEntry]
    package let place: PolicyLocation

    init(_ server: ServerSpec) {
        name = server.name
        connect = server.connection
        sandboxRead = server.sandboxRead
        sandboxWrite = server.sandboxWrite
        network = server.network
        owner = server.owner
        weakness = server.weakness
        variables = server.variables
        reviewed = server.reviewed
        environment = server.environment
        asks = server.asks
        place = server.place
        var credentials: [AgentName: CredentialEntry] = [:]
        for credential in server.credentials {
            guard let agent = AgentName(credential.agent.value) else { continue }
            credentials[agent] = CredentialEntry(
                header: credential.header, secret: credential.secret.value,
                rotateBy: credential.rotateBy?.value)
        }
        self.credentials = credentials
        var tools: [ToolName: ToolEntry] = [:]
        for tool in server.tools {
            tools[tool.name] = ToolEntry(
                toolClass: tool.toolClass, effects: tool.effects, place: tool.place)
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
    package let rotateBy: CivilDate?
}

package struct ToolEntry: Sendable, Hashable {
    package let toolClass: ToolClass
    /// The effects that controls apply to: with `read` for reads, and `irreversible` if no effect is
    /// stated.
    package let effects: EffectSet
    package let place: PolicyLocation
}
