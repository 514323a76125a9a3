package import InterlockJSON

/// The tool of an event, as the policy names it, with its arguments.
package struct HookTool: Sendable, Hashable {
    /// The host's own name of the tool, at most `HookLimits.name` bytes. Names can be imitated: the decision about an
    /// MCP tool uses `server`.
    package var hostName: String
    package var name: HookToolName
    package var arguments: JSONObject
    /// The MCP server as the host described it; is nil for the host's own tools, and if the host says nothing.
    package var server: HookServer?

    package init(
        hostName: String, name: HookToolName, arguments: JSONObject, server: HookServer? = nil
    ) {
        self.hostName = hostName
        self.name = name
        self.arguments = arguments
        self.server = server
    }

    /// Is true for a tool of an MCP server.
    package var isMCP: Bool {
        if case .mcp = name { true } else { false }
    }
}

/// A tool's name in the policy: a tool of the reserved server `host`, which is the same for all hosts, or a tool of an
/// MCP server.
package enum HookToolName: Sendable, Hashable {
    case shell, read, write, edit, search, fetch, agent
    /// A tool that the table of the host does not list.
    case other
    /// A tool of an MCP server, by the names that the host uses. The parts are text from outside.
    case mcp(server: ExactText, tool: ExactText)

    /// The tools of the server `host`, in the order of the policy reference.
    package static let hostTools: [HookToolName] = [
        .shell, .read, .write, .edit, .search, .fetch, .agent, .other,
    ]

    /// The name as a tool of server `host`: `shell`, …, `other`; nil for a tool of an MCP server.
    package var hostTool: String? {
        switch self {
        case .shell: "shell"
        case .read: "read"
        case .write: "write"
        case .edit: "edit"
        case .search: "search"
        case .fetch: "fetch"
        case .agent: "agent"
        case .other: "other"
        case .mcp: nil
        }
    }

    /// The name on the wire: `host.shell`, …, `host.other`, or `mcp` for every MCP tool.
    package var wire: String { hostTool.map { "host." + $0 } ?? "mcp" }
}

/// The connection of an MCP server as the host reported it. Any member may be missing, and all of it is text from
/// outside.
package struct HookServer: Sendable, Hashable {
    package var name: String?
    package var url: String?
    /// The program and its arguments.
    package var command: [String]?
    /// The location of the server's definition, as the host names it.
    package var source: String?

    package init(
        name: String? = nil, url: String? = nil, command: [String]? = nil, source: String? = nil
    ) {
        self.name = name
        self.url = url
        self.command = command
        self.source = source
    }
}
