package import InterlockJSON
package import InterlockModel

/// The means of a sender against a result before its model reads it (docs/specs/coding-agents.md, section 7).
package enum HookRedaction: Sendable, Hashable {
    /// The result is replaced by one of the same shape, in which only strings differ.
    case replace
    /// The result is hidden, and a text takes its place.
    case hide
    /// The model reads the result as it is: the host cannot replace it, or the shape that it requires is unknown.
    case impossible
}

extension HookEvent {
    /// The result of the tool, as it was sent; is nil for other events, and for a failure that a host reports.
    package var result: JSONValue? {
        switch (sender, kind) {
        case (.worker, .postTool), (.worker, .postToolFailure): details["result"]
        case (.host(let host), .postTool): details[host.resultMember]
        case (.worker, _), (.host, _): nil
        }
    }

    /// The part of the end of a tool that the model may read: its result, or everything that the host says if that is not known.
    package var reported: JSONValue {
        if let result { return result }
        // These events repeat what the agent or its user wrote.
        let isOwnEdit = host == .cursor && tool?.name == .edit && kind == .postTool
        return isOwnEdit ? .null : .object(details)
    }

    /// The means of the sender against the result of this event. A worker takes a text in the place of a text.
    package var redaction: HookRedaction {
        guard let result else { return .impossible }
        guard let host else { return result.string == nil ? .impossible : .replace }
        guard sameBytes(hostName, host.resultEvent) else { return .impossible }
        switch host {
        case .claudeCode: return ClaudeResultShape(of: self) == nil ? .impossible : .replace
        case .geminiCLI: return .hide
        case .copilot:
            let isText = result["textResultForLlm"]?.string != nil
            return isText && result["resultType"]?.string == "success" ? .replace : .impossible
        case .codex, .cursor: return .impossible
        }
    }

    /// A result that the host takes, and of whose strings the model reads `text` alone.
    ///
    /// - Returns: nil if the host cannot keep the received result back, or a name of a member would stay in it.
    /// - Parameter isNamed: true if a name of a member or a number must not stay either.
    package func withheldResult(_ text: String, isNamed: Bool = false) -> JSONValue? {
        guard let result else { return nil }
        switch redaction {
        case .impossible: return nil
        case .hide: return ["llmContent": .string(text)]
        case .replace:
            switch ClaudeResultShape(of: self) {
            case .free: return [["type": "text", "text": .string(text)]]
            // Copilot and a worker take the text alone.
            case nil: return result.withheld(text)
            case .fixed, .error: return isNamed ? nil : result.withheld(text)
            }
        }
    }

    /// Returns what the model may read of a result instead, or nil if the host has no means against it.
    ///
    /// - Parameter texts: the texts of `result`.
    package func redacted(_ parts: ResultRedaction, texts: ResultTexts) -> JSONValue? {
        guard let result, redaction != .impossible else { return nil }
        if let whole = parts.whole { return withheldResult(ResultRedaction.mark(whole)) }
        return parts.applied(to: result, texts: texts)
            ?? withheldResult(ResultRedaction.mark(parts.label), isNamed: true)
    }
}

/// The results of Claude Code whose shape is known: a wrong one keeps the original silently, or costs the model the result
/// (decisions 0112 and 0113).
enum ClaudeResultShape: Sendable, Hashable {
    /// A result of an MCP tool, which may have any shape.
    case free
    /// The result of one of the host's own tools: a copy of the same shape is taken.
    case fixed
    /// The text of a shell command that failed, in whose place the host takes a result of `Bash` alone.
    case error

    /// Is nil for a result of unknown shape.
    init?(of event: HookEvent) {
        guard event.host == .claudeCode, let tool = event.tool, let result = event.result else {
            return nil
        }
        if case .mcp = tool.name {
            self = .free
            return
        }
        if sameBytes(tool.hostName, "Bash"), result.string != nil {
            self = .error
            return
        }
        guard Self.isFixed(result, of: tool.hostName) else { return nil }
        self = .fixed
    }

    private static func isFixed(_ result: JSONValue, of tool: String) -> Bool {
        switch tool {
        case "Bash":
            result["stdout"]?.string != nil && result["stderr"]?.string != nil
                && result["interrupted"]?.bool != nil
        // Pictures and notebooks have other shapes.
        case "Read":
            result["type"]?.string == "text" && result["file"]?["content"]?.string != nil
        case "Grep": result["mode"]?.string != nil && result["filenames"]?.array != nil
        case "Glob": result["filenames"]?.array != nil
        case "Edit": result["filePath"]?.string != nil && result["structuredPatch"]?.array != nil
        case "Write":
            result["type"]?.string != nil && result["filePath"]?.string != nil
                && result["structuredPatch"]?.array != nil
        default: false
        }
    }

    /// The result of `Bash` that takes the place of the text of an error.
    static func bash(_ text: String) -> JSONValue {
        ["stdout": .string(text), "stderr": "", "interrupted": false]
    }
}

extension HookHost {
    /// The member of the event after a tool that has its result.
    fileprivate var resultMember: String {
        switch self {
        case .claudeCode, .codex, .geminiCLI: "tool_response"
        case .cursor: "tool_output"
        case .copilot: "toolResult"
        }
    }

    /// The event after a tool, whose answer may replace its result.
    fileprivate var resultEvent: String {
        switch self {
        case .claudeCode, .codex: "PostToolUse"
        case .geminiCLI: "AfterTool"
        case .cursor, .copilot: "postToolUse"
        }
    }
}

extension JSONValue {
    /// Returns true if two values differ in the text of strings at most, keys excepted.
    package func hasShape(of other: JSONValue) -> Bool {
        switch (self, other) {
        case (.string, .string): return true
        case (.array(let mine), .array(let others)):
            return mine.count == others.count
                && zip(mine, others).allSatisfy { $0.hasShape(of: $1) }
        case (.object(let mine), .object(let others)):
            return mine.count == others.count
                && zip(mine.members, others.members).allSatisfy {
                    sameBytes($0.key, $1.key) && $0.value.hasShape(of: $1.value)
                }
        case (.null, _), (.bool, _), (.integer, _), (.number, _), (.string, _), (.array, _),
            (.object, _):
            return self == other
        }
    }

    /// The same value with `text` for every string, but for the outermost members that name the form of a result.
    func withheld(_ text: String) -> JSONValue {
        guard case .object(let object) = self else { return replaced(text) }
        let kept = ["type", "mode", "resultType"]
        return .object(
            JSONObject(
                distinct: object.members.map { member in
                    kept.contains { sameBytes($0, member.key) }
                        ? member : (member.key, member.value.replaced(text))
                }))
    }

    /// The same value with `text` for every string.
    private func replaced(_ text: String) -> JSONValue {
        switch self {
        case .string: .string(text)
        case .array(let items): .array(items.map { $0.replaced(text) })
        case .object(let object):
            .object(
                JSONObject(
                    distinct: object.members.map { ($0.key, $0.value.replaced(text)) }))
        case .null, .bool, .integer, .number: self
        }
    }
}
