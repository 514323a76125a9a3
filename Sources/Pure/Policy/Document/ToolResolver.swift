import InterlockModel

/// What a name in `approval_required` stands for, bare or qualified (specs of the policy, 2.3, 2.4).
struct ToolResolver {
    enum Answer {
        case tool(ToolAddress)
        /// A resource or prompt.
        case otherItem
        case ambiguous([String])
        /// No described server has it, and the agent names a server that is not described (L113).
        case notDescribed
        case unknown(help: String?)
    }

    private let servers: [ServerSpec]
    private let namesUndescribed: Bool

    init(_ document: PolicyDocument, _ agent: AgentSpec) {
        servers = document.servers
        let known = Set(document.servers.map(\.name.text))
        namesUndescribed = agent.scopes.contains { !known.contains($0.server) }
    }

    func resolve(_ text: String) -> Answer {
        if let dot = text.firstIndex(of: ".") {
            let name = text[..<dot]
            let item = String(text[text.index(after: dot)...])
            if let server = servers.first(where: { $0.name.text == name }) {
                if let tool = server.tool(item) {
                    return .tool(ToolAddress(server: server.name, tool: tool.name))
                }
                if server.has(item) { return .otherItem }
            }
        }
        let holders = servers.filter { $0.has(text) }
        if holders.count > 1 {
            return .ambiguous(holders.map { "\($0.name).\(text)" })
        }
        if let server = holders.first {
            guard let tool = server.tool(text) else { return .otherItem }
            return .tool(ToolAddress(server: server.name, tool: tool.name))
        }
        if namesUndescribed { return .notDescribed }
        let bare = servers.flatMap { $0.tools.map(\.name.text) }
        let qualified = servers.flatMap { server in
            server.tools.map { "\(server.name).\($0.name)" }
        }
        return .unknown(help: didYouMean(text, among: bare + qualified))
    }
}
