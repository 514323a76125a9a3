package import InterlockJSON

/// Gemini CLI. Plain text with exit 0 counts as an allow, so every allow is an empty object.
package struct GeminiCLICodec: HookCodec {
    package let host = HookHost.geminiCLI

    package init() {}

    package func event(
        from bytes: [UInt8], named name: String?, environment: [ExactText: String]
    ) throws(HookInputError) -> HookEvent {
        var input = try HookInput(bytes)
        let hostName = try input.eventName("hook_event_name", named: name)
        let kind = HookFacts.geminiCLI.event(named: hostName)?.kind ?? .other
        var event = HookEvent(
            host: host, kind: kind, hostName: hostName,
            session: try input.required("session_id"))
        event.workingDirectory = try input.text("cwd", longest: HookLimits.path)
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
        guard kind.mayHaveTool else { return nil }
        let name = try input.required("tool_name")
        guard let arguments = try input.arguments("tool_input") else {
            throw .missingMember("tool_input")
        }
        let context = input.value("mcp_context")
        let server = HookServer(reported: context, name: "server_name")
        let toolName: HookToolName
        if let context {
            // The host's own name of the tool may have been shortened; the context has both parts.
            let tool = context["tool_name"]?.string ?? name
            guard tool.utf8.count <= HookLimits.name else {
                throw .badMember("mcp_context", "an object with a tool of 1 to 1024 bytes")
            }
            toolName = .mcp(server: ExactText(server?.name ?? ""), tool: ExactText(tool))
        } else {
            toolName = MCPToolName.split(name) ?? HookFacts.geminiCLI.tool(named: name)
        }
        return HookTool(hostName: name, name: toolName, arguments: arguments, server: server)
    }

    package func answer(_ verdict: HookVerdict, to event: HookEvent) -> HookAnswer {
        let line = HookLine(verdict)
        switch verdict.decision {
        case .allow: return .allow(Array("{}".utf8))
        case .rewrite(let arguments):
            // The host merges: a key that is left out would keep its value.
            guard sameBytes(event.hostName, "BeforeTool"), let tool = event.tool,
                tool.arguments.members.allSatisfy({ arguments[$0.key] != nil })
            else { return refusal(line, eventNamed: event.hostName) }
            return .allow(Self.rewrite(arguments))
        case .redact(let result):
            guard event.redaction == .hide, let text = Self.text(of: result) else {
                return refusal(line, eventNamed: event.hostName)
            }
            return .allow(Self.hiding(text.isEmpty ? line.text : text))
        case .deny, .ask, .defer: return refusal(line, eventNamed: event.hostName)
        }
    }

    package func refusal(_ line: HookLine, eventNamed name: String?) -> HookAnswer {
        let stops = name.flatMap { HookFacts.geminiCLI.event(named: $0)?.stops }
        return stops == .turn ? .endingSession(line) : .deny(line)
    }

    private static func rewrite(_ arguments: JSONObject) -> [UInt8] {
        let output: JSONValue = [
            "decision": "allow",
            "hookSpecificOutput": [
                "hookEventName": "BeforeTool", "tool_input": .object(arguments),
            ],
        ]
        return output.serialized()
    }

    /// `tool_output` exists in some versions only, and another version would keep the original result; a denied result
    /// is hidden in all of them, and the reason takes its place.
    private static func hiding(_ text: String) -> [UInt8] {
        JSONValue.object(["decision": "deny", "reason": .string(text)]).serialized()
    }

    private static func text(of result: JSONValue) -> String? {
        result.string ?? result["llmContent"]?.string
    }
}
