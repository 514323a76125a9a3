import InterlockJSON

extension HookAnswer {
    /// Ends the session: `continue:false`, which Claude Code, Codex and Gemini CLI share. It does not keep a call from
    /// running, so it is no refusal of one.
    ///
    /// - Parameters:
    ///   - isBlock: true to state also that the host must not use what the event reports.
    ///   - result: replaces the result of a tool, at Claude Code.
    static func endingSession(
        _ line: HookLine, isBlock: Bool = false, result: JSONValue? = nil
    ) -> HookAnswer {
        var output: JSONObject = ["continue": false, "stopReason": .string(line.text)]
        if isBlock {
            output["decision"] = "block"
            output["reason"] = .string(line.text)
        }
        if let result {
            output["hookSpecificOutput"] = [
                "hookEventName": "PostToolUse", "updatedToolOutput": result,
            ]
        }
        return .allow(JSONValue.object(output).serialized())
    }
}
