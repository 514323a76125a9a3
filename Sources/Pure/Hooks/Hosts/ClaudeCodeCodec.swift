package import InterlockJSON

/// Claude Code. Every decision of a call is exit 2, or JSON in `hookSpecificOutput` of `PreToolUse`.
package struct ClaudeCodeCodec: HookCodec {
    package let host = HookHost.claudeCode

    package init() {}

    package func event(
        from bytes: [UInt8], named name: String?, environment: [ExactText: String]
    ) throws(HookInputError) -> HookEvent {
        let isAttended: Bool? =
            switch environment["CLAUDE_CODE_SESSION_ATTENDED"] {
            case "1": true
            case "0": false
            default: nil
            }
        return try SnakeCaseReader(facts: .claudeCode, prompt: "prompt_id")
            .event(from: bytes, named: name, isAttended: isAttended)
    }

    package func answer(_ verdict: HookVerdict, to event: HookEvent) -> HookAnswer {
        let line = HookLine(verdict)
        let isCall = sameBytes(event.hostName, "PreToolUse")
        switch verdict.decision {
        case .allow:
            guard isCall, verdict.isSandboxed else { return .allow() }
            return .allow(Self.permission("allow"))
        case .ask where isCall:
            return .allow(Self.permission("ask", reason: HookLine.question(verdict).text))
        case .defer:
            guard isCall, event.isAttended == false, let approval = verdict.approval else {
                return refusal(line, of: event)
            }
            return .allow(
                Self.permission("defer", reason: HookLine.plain(approval, 128) + " pending"))
        case .rewrite(let arguments) where isCall:
            return .allow(Self.permission("allow", input: arguments))
        case .redact(let result):
            guard event.redaction == .replace, let received = event.result,
                result.hasShape(of: received) || event.tool?.isMCP == true
            else { return refusal(line, of: event) }
            return .allow(Self.result(Self.taken(result, event)))
        case .deny, .ask, .rewrite: return refusal(line, of: event)
        }
    }

    package func refusal(_ line: HookLine, eventNamed name: String?) -> HookAnswer {
        let stops = name.flatMap { HookFacts.claudeCode.event(named: $0)?.stops }
        return switch stops {
        case .turn: .endingSession(line)
        // The result is already there, and neither exit 2 nor the end of the turn would keep it from the model: it would get it
        // with the next prompt.
        case .result: .endingSession(line, isBlock: true, result: Self.withheld(name))
        case .call, .prompt, .nothing, nil: .deny(line)
        }
    }

    /// Withholds a result in its shape, if that is known.
    package func refusal(_ line: HookLine, of event: HookEvent) -> HookAnswer {
        guard let withheld = event.withheldResult("[withheld]") else {
            return refusal(line, eventNamed: event.hostName)
        }
        return .endingSession(line, isBlock: true, result: Self.taken(withheld, event))
    }

    /// A text in place of a result of unknown shape: a managed hook may give any, and the model then reads an error at most.
    /// The other events of results take none.
    private static func withheld(_ event: String?) -> JSONValue? {
        event.map { sameBytes($0, "PostToolUse") } == true ? "[withheld]" : nil
    }

    /// The result as the host takes it: in place of the text of a failed command, a result of `Bash`.
    private static func taken(_ result: JSONValue, _ event: HookEvent) -> JSONValue {
        guard ClaudeResultShape(of: event) == .error, let text = result.string else {
            return result
        }
        return ClaudeResultShape.bash(text)
    }

    private static func permission(
        _ decision: String, reason: String? = nil, input: JSONObject? = nil
    ) -> [UInt8] {
        var output: JSONObject = [
            "hookEventName": "PreToolUse", "permissionDecision": .string(decision),
        ]
        output["permissionDecisionReason"] = reason.map(JSONValue.string)
        output["updatedInput"] = input.map(JSONValue.object)
        return JSONValue.object(["hookSpecificOutput": .object(output)]).serialized()
    }

    private static func result(_ result: JSONValue) -> [UInt8] {
        let output: JSONValue = [
            "hookSpecificOutput": ["hookEventName": "PostToolUse", "updatedToolOutput": result]
        ]
        return output.serialized()
    }
}
