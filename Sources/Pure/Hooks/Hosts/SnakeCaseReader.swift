import InterlockJSON

/// The reader of Claude Code and Codex CLI, whose events have the same members (docs/specs/coding-agents.md, section 4).
struct SnakeCaseReader {
    let facts: HookFacts
    /// The member that names the prompt or turn.
    let prompt: String

    func event(
        from bytes: [UInt8], named name: String?, isAttended: Bool?
    ) throws(HookInputError) -> HookEvent {
        var input = try HookInput(bytes)
        let hostName = try input.eventName("hook_event_name", named: name)
        let kind = facts.event(named: hostName)?.kind ?? .other
        var event = HookEvent(
            host: facts.host, kind: kind, hostName: hostName,
            session: try input.required("session_id"))
        event.isAttended = isAttended
        event.call = try input.text("tool_use_id")
        event.agent = try input.text("agent_id")
        event.agentKind = try input.text("agent_type")
        event.workingDirectory = try input.text("cwd", longest: HookLimits.path)
        event.mode = try input.text("permission_mode")
        event.prompt = try input.text(prompt)
        event.tool = try tool(&input, kind)
        guard !kind.needsTool || event.workingDirectory != nil else {
            throw .missingMember("cwd")
        }
        event.details = input.rest
        return event
    }

    private func tool(
        _ input: inout HookInput, _ kind: HookEventKind
    ) throws(HookInputError) -> HookTool? {
        guard kind.mayHaveTool, let name = try input.text("tool_name") else {
            guard !kind.needsTool else { throw .missingMember("tool_name") }
            return nil
        }
        guard let arguments = try input.arguments("tool_input") else {
            throw .missingMember("tool_input")
        }
        let server = HookServer(reported: input.value("mcp_server"), name: "name")
        return HookTool(
            hostName: name, name: toolName(name, server), arguments: arguments, server: server)
    }

    private func toolName(_ name: String, _ server: HookServer?) -> HookToolName {
        if let mcp = MCPToolName.split(name, configured: server?.name) { return mcp }
        // A server's tool must not pass for one of the host by its name.
        guard let server else { return facts.tool(named: name) }
        return .mcp(server: ExactText(server.name ?? ""), tool: ExactText(name))
    }
}
