package import InterlockJSON

/// Copilot, with camelCase payloads, which do not name their event: the command line does.
package struct CopilotCodec: HookCodec {
    package let host = HookHost.copilot

    package init() {}

    package func event(
        from bytes: [UInt8], named name: String?, environment: [ExactText: String]
    ) throws(HookInputError) -> HookEvent {
        var input = try HookInput(bytes)
        guard let name else { throw .missingEvent }
        let kind = HookFacts.copilot.event(named: name)?.kind ?? .other
        var event = HookEvent(
            host: host, kind: kind, hostName: name, session: try input.required("sessionId"))
        event.agent = try input.text("agentId")
        event.agentKind = try input.text("agentName")
        event.workingDirectory = try input.text("cwd", longest: HookLimits.path)
        if kind.mayHaveTool {
            let tool = try input.required("toolName")
            let key =
                kind == .permission && input.value("toolArgs") == nil ? "toolInput" : "toolArgs"
            guard let arguments = try input.arguments(key) else { throw .missingMember(key) }
            event.tool = HookTool(
                hostName: tool, name: HookFacts.copilot.tool(named: tool), arguments: arguments)
        }
        guard !kind.needsTool || event.workingDirectory != nil else {
            throw .missingMember("cwd")
        }
        event.details = input.rest
        return event
    }

    package func answer(_ verdict: HookVerdict, to event: HookEvent) -> HookAnswer {
        let line = HookLine(verdict)
        let isCall = sameBytes(event.hostName, "preToolUse")
        switch verdict.decision {
        case .allow:
            return .allow(
                isCall && verdict.isSandboxed ? Self.permission("allow") : Array("{}".utf8))
        case .ask where isCall:
            return .allow(Self.permission("ask", reason: HookLine.question(verdict).text))
        case .rewrite(let arguments) where isCall:
            return .allow(JSONValue.object(["modifiedArgs": .object(arguments)]).serialized())
        case .redact(let result):
            guard event.redaction == .replace, let received = event.result,
                result.hasShape(of: received), result["resultType"]?.string == "success",
                let text = result["textResultForLlm"]?.string
            else { return refusal(line, eventNamed: event.hostName) }
            return .allow(Self.result(text))
        case .deny, .ask, .defer, .rewrite: return refusal(line, eventNamed: event.hostName)
        }
    }

    package func refusal(_ line: HookLine, eventNamed name: String?) -> HookAnswer {
        guard let name else { return .deny(line) }
        if sameBytes(name, "preToolUse") {
            return .deny(line, output: Self.permission("deny", reason: line.text))
        }
        if sameBytes(name, "permissionRequest") {
            let output: JSONValue = ["behavior": "deny", "message": .string(line.text)]
            return .deny(line, output: output.serialized())
        }
        // Exit 2 is a warning after a tool: the refusal takes the place of the result instead.
        if sameBytes(name, "postToolUse") { return .allow(Self.result(line.text)) }
        return .deny(line)
    }

    private static func permission(_ decision: String, reason: String? = nil) -> [UInt8] {
        var output: JSONObject = ["permissionDecision": .string(decision)]
        output["permissionDecisionReason"] = reason.map(JSONValue.string)
        return JSONValue.object(output).serialized()
    }

    private static func result(_ text: String) -> [UInt8] {
        let output: JSONValue = [
            "modifiedResult": ["resultType": "success", "textResultForLlm": .string(text)]
        ]
        return output.serialized()
    }
}
