package import InterlockModel

/// Resolves names in `approval_required`, bare or qualified (docs/specs/policy.md, sections 2.3 and 2.4).
package struct ToolResolver: Sendable {
    package enum Answer {
        /// A tool, resource or prompt.
        case tool(ToolAddress)
        case ambiguous([String])
        /// No described server has the name, and the agent names a server that is not described (L113).
        case notDescribed
        case unknown(help: String?)
    }

    private let servers: [String: ServerSpec]
    /// The servers that have a feature, by its bare name; sorted.
    private let holders: [String: [ServerSpec]]

    init(_ servers: [ServerSpec]) {
        var byName: [String: ServerSpec] = [:]
        var holders: [String: [ServerSpec]] = [:]
        for server in servers {
            byName[server.name.text] = server
            for item in server.tools.map(\.name.text) {
                holders[item, default: []].append(server)
            }
        }
        self.servers = byName
        self.holders = holders
    }

    func server(_ name: String) -> ServerSpec? { servers[name] }

    package func resolve(_ text: String, for agent: AgentSpec) -> Answer {
        if let dot = text.firstIndex(of: "."), let server = servers[String(text[..<dot])] {
            let item = String(text[text.index(after: dot)...])
            if server.has(item) { return answer(server, item) }
        }
        let holders = holders[text] ?? []
        if holders.count > 1 { return .ambiguous(holders.map { "\($0.name).\(text)" }) }
        if let server = holders.first { return answer(server, text) }
        if agent.scopes.contains(where: { servers[$0.server] == nil }) { return .notDescribed }
        let qualified = servers.values.flatMap { server in
            server.tools.map { "\(server.name).\($0.name)" }
        }
        return .unknown(help: didYouMean(text, among: Array(self.holders.keys) + qualified))
    }

    private func answer(_ server: ServerSpec, _ item: String) -> Answer {
        guard let tool = server.tool(item) else { return .unknown(help: nil) }
        return .tool(ToolAddress(server: server.name, tool: tool.name))
    }
}
