package import InterlockJSON

/// The calls of Cursor, which sends several events for one: `preToolUse`, for some tools one event more before it,
/// and the same after it (docs/specs/coding-agents.md, section 4).
extension HookEvent {
    /// The keys of a call by which its further events are recognised: all that this event says of it, then the part
    /// that the event of a kind of tool says of it.
    ///
    /// Empty for other hosts, for MCP tools, whose address decides at each event, for an event of no generation, and
    /// for one that the facts do not list.
    package var callKeys: [JSONValue] {
        guard host == .cursor, HookFacts.cursor.event(named: hostName) != nil,
            let generation = prompt, let tool, let word = tool.name.hostTool
        else { return [] }
        func key(_ arguments: JSONObject) -> JSONValue {
            [
                .string(session), .string(generation), .string(word),
                workingDirectory.map(JSONValue.string) ?? .null, .object(arguments),
            ]
        }
        let own = key(tool.arguments)
        guard kind == .preTool, let member = tool.name.soleMember,
            let value = tool.arguments[member], tool.arguments.count > 1
        else { return [own] }
        return [own, key([member: value])]
    }

    /// False for an event that Cursor sends besides the one after each tool, or instead of it for its user's own edits.
    package var isMainEnd: Bool { host != .cursor || sameBytes(hostName, "postToolUse") }
}

extension HookToolName {
    /// The only argument in Cursor's event of a kind of tool, such as `beforeShellExecution`, as its codec reads it.
    fileprivate var soleMember: String? {
        switch self {
        case .shell: "command"
        case .read, .edit: "file_path"
        case .write, .search, .fetch, .agent, .other, .mcp: nil
        }
    }
}
