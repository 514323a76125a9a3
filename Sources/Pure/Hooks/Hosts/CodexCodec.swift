package import InterlockJSON

/// Codex CLI. A member that it does not know voids its whole output, and `ask` is not supported.
package struct CodexCodec: HookCodec {
    package let host = HookHost.codex

    package init() {}

    package func event(
        from bytes: [UInt8], named name: String?, environment: [ExactText: String]
    ) throws(HookInputError) -> HookEvent {
        try SnakeCaseReader(facts: .codex, prompt: "turn_id")
            .event(from: bytes, named: name, isAttended: nil)
    }

    package func answer(_ verdict: HookVerdict, to event: HookEvent) -> HookAnswer {
        let line = HookLine(verdict)
        switch verdict.decision {
        case .allow: return .allow()
        case .rewrite(let arguments) where sameBytes(event.hostName, "PreToolUse"):
            return .allow(Self.rewrite(arguments))
        case .deny, .ask, .defer, .rewrite, .redact:
            return refusal(line, eventNamed: event.hostName)
        }
    }

    package func refusal(_ line: HookLine, eventNamed name: String?) -> HookAnswer {
        guard let fact = name.flatMap({ HookFacts.codex.event(named: $0) }) else {
            return .deny(line)
        }
        // A tool that has run cannot be refused, and exit 2 would only add a text for the model.
        if fact.kind == .postTool { return .endingSession(line, isBlock: true) }
        return fact.stops == .turn ? .endingSession(line) : .deny(line)
    }

    private static func rewrite(_ arguments: JSONObject) -> [UInt8] {
        let output: JSONValue = [
            "hookSpecificOutput": [
                "hookEventName": "PreToolUse", "permissionDecision": "allow",
                "updatedInput": .object(arguments),
            ]
        ]
        return output.serialized()
    }
}
