package import InterlockJSON

/// Cursor. With `failClosed` an empty output blocks, so every allow is explicit; the contract depends on the event.
package struct CursorCodec: HookCodec {
    package let host = HookHost.cursor

    package init() {}

    package func event(
        from bytes: [UInt8], named name: String?, environment: [ExactText: String]
    ) throws(HookInputError) -> HookEvent {
        var input = try HookInput(bytes)
        let hostName = try input.eventName("hook_event_name", named: name)
        let kind = HookFacts.cursor.event(named: hostName)?.kind ?? .other
        var event = HookEvent(
            host: host, kind: kind, hostName: hostName,
            session: try input.required("conversation_id"))
        event.hostVersion = try input.text("cursor_version")
        event.prompt = try input.text("generation_id")
        event.call = try input.text("tool_use_id")
        event.workingDirectory = try input.text("cwd", longest: HookLimits.path)
        event.tool = try CursorToolReader.tool(&input, hostName, kind)
        event.details = input.rest
        return event
    }

    package func answer(_ verdict: HookVerdict, to event: HookEvent) -> HookAnswer {
        let line = HookLine(verdict)
        switch verdict.decision {
        case .allow: return .allow(Contract(event.hostName).allow)
        case .ask where Self.asking.contains { sameBytes($0, event.hostName) }:
            return .allow(Self.permission("ask", HookLine.question(verdict).text))
        case .deny, .ask, .defer, .rewrite, .redact:
            return refusal(line, eventNamed: event.hostName)
        }
    }

    package func refusal(_ line: HookLine, eventNamed name: String?) -> HookAnswer {
        // The contract of an event without a name is unknown; its refusal is the one of calls.
        .deny(line, output: Contract(name ?? "preToolUse").deny(line.text))
    }

    /// The events of shell commands and MCP tools; at `preToolUse` the question is not verified.
    static let asking = ["beforeShellExecution", "beforeMCPExecution"]

    /// The form of the output that an event requires.
    private enum Contract {
        case permission, prompt, none

        init(_ hostName: String) {
            switch HookFacts.cursor.event(named: hostName)?.kind {
            case .preTool, .permission, .subagentStart: self = .permission
            case .prompt: self = .prompt
            default: self = .none
            }
        }

        var allow: [UInt8] {
            switch self {
            case .permission: Array(#"{"permission":"allow"}"#.utf8)
            case .prompt: Array(#"{"continue":true}"#.utf8)
            case .none: Array("{}".utf8)
            }
        }

        func deny(_ text: String) -> [UInt8] {
            switch self {
            case .permission: CursorCodec.permission("deny", text)
            case .prompt:
                JSONValue.object(["continue": false, "user_message": .string(text)]).serialized()
            case .none: []
            }
        }
    }

    private static func permission(_ decision: String, _ text: String) -> [UInt8] {
        let output: JSONValue = [
            "permission": .string(decision), "user_message": .string(text),
            "agent_message": .string(text),
        ]
        return output.serialized()
    }
}

/// Reads the tool of an event of Cursor: several events describe one call, each in its own form.
private enum CursorToolReader {
    static func tool(
        _ input: inout HookInput, _ event: String, _ kind: HookEventKind
    ) throws(HookInputError) -> HookTool? {
        guard kind.mayHaveTool else { return nil }
        switch event {
        case "beforeShellExecution", "afterShellExecution":
            let command = try input.required("command", longest: HookLimits.inputBytes)
            return HookTool(
                hostName: "Shell", name: .shell, arguments: ["command": .string(command)])
        case "beforeReadFile", "beforeTabFileRead":
            return HookTool(hostName: "Read", name: .read, arguments: try file(&input))
        case "afterFileEdit", "afterTabFileEdit":
            return HookTool(hostName: "StrReplace", name: .edit, arguments: try file(&input))
        case "beforeMCPExecution", "afterMCPExecution":
            let name = try input.required("tool_name")
            return HookTool(
                hostName: name,
                name: MCPToolName.splitColons(name) ?? .mcp(server: "", tool: ExactText(name)),
                arguments: try arguments(&input), server: server(input))
        default:
            let name = try input.required("tool_name")
            return HookTool(
                hostName: name,
                name: MCPToolName.splitColons(name) ?? HookFacts.cursor.tool(named: name),
                arguments: try arguments(&input))
        }
    }

    private static func arguments(_ input: inout HookInput) throws(HookInputError) -> JSONObject {
        guard let arguments = try input.arguments("tool_input") else {
            throw .missingMember("tool_input")
        }
        return arguments
    }

    private static func file(_ input: inout HookInput) throws(HookInputError) -> JSONObject {
        ["file_path": .string(try input.required("file_path", longest: HookLimits.path))]
    }

    /// The event has the URL or the command of the server among its own members.
    private static func server(_ input: HookInput) -> HookServer? {
        var reported = JSONObject()
        for key in ["url", "command", "args"] { reported[key] = input.value(key) }
        return reported.isEmpty ? nil : HookServer(reported: .object(reported), name: "name")
    }
}
