package import InterlockModel

/// One server of a snapshot.
package struct ServerEntry: Sendable {
    package let name: ServerName
    /// nil when the policy does not say how it is reached.
    package let connect: ServerConnection?
    /// Paths that a stdio server's child may read, and write, besides the common tree.
    package let sandboxRead: [String]
    package let sandboxWrite: [String]
    /// The network that a stdio server's child is started in.
    package let network: ServerNetwork
    /// Of an HTTP server on this machine: the user whose process must answer.
    package let owner: UInt32?
    package let weakness: ServerWeakness?
    /// What a stdio server's child finds in its environment besides.
    package let variables: ServerVariables
    package let reviewed: ServerReview?
    package let credentials: [AgentName: CredentialEntry]
    package let environment: String
    /// What it may ask of the caller in the middle of a call.
    package let asks: Set<ServerAsk>
    /// With resources and prompts.
    package let tools: [ToolName: ToolEntry]
    /// Those that a URI can be of, the one with most letters of its own first.
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
    /// The request header that carries it.
    package let header: String
    /// Its name at the secrets' provider; never its value.
    package let secret: String
    package let rotateBy: CivilDate?
}

package struct ToolEntry: Sendable, Hashable {
    package let toolClass: ToolClass
    /// As controls judge them: with `read` for reads, and `irreversible` where nothing is stated.
    package let effects: EffectSet
    package let place: PolicyLocation
}
