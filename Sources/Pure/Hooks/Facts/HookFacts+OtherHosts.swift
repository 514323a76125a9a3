extension HookFacts {
    /// Codex CLI by its source, openai/codex 0082977 and 0ea8381.
    package static let codex = HookFacts(
        host: .codex, version: "0082977", isVerified: false,
        events: [
            .init("PreToolUse", .preTool, stops: .call),
            .init("PostToolUse", .postTool),
            .init("PermissionRequest", .permission, stops: .call),
            .init("UserPromptSubmit", .prompt, stops: .prompt, matcher: nil),
            .init("SessionStart", .sessionStart, matcher: nil),
            .init("SubagentStart", .subagentStart, matcher: nil),
            .init("SubagentStop", .subagentStop, stops: .turn, matcher: nil),
            .init("PreCompact", .other, matcher: nil),
            .init("PostCompact", .other, matcher: nil),
            .init("Stop", .other, stops: .turn, matcher: nil),
        ],
        timing: HookTiming(
            member: "timeout", unit: .seconds, timeout: .seconds(30), deadline: .seconds(25),
            wait: .seconds(20)),
        tools: [
            .init(name: "Bash", tool: .shell),
            // Its patch adds, changes and deletes files.
            .init(name: "apply_patch", tool: .edit),
        ],
        variables: [])

    /// Gemini CLI by its source, google-gemini/gemini-cli 06c0d81. The unit of its timeouts is milliseconds.
    package static let geminiCLI = HookFacts(
        host: .geminiCLI, version: "06c0d81", isVerified: false,
        events: [
            .init("BeforeTool", .preTool, stops: .call),
            .init("AfterTool", .postTool, stops: .result),
            .init("BeforeAgent", .prompt, stops: .prompt, matcher: nil),
            .init("AfterAgent", .other, stops: .turn, matcher: nil),
            .init("SessionStart", .sessionStart, matcher: nil),
            .init("SessionEnd", .sessionEnd, matcher: nil),
            .init("Notification", .other, matcher: nil, isRegistered: false),
            .init("PreCompress", .other, matcher: nil),
            .init("BeforeModel", .other, matcher: nil, isRegistered: false),
            .init("AfterModel", .other, matcher: nil, isRegistered: false),
            .init("BeforeToolSelection", .other, matcher: nil, isRegistered: false),
        ],
        timing: HookTiming(
            member: "timeout", unit: .milliseconds, timeout: .seconds(30), deadline: .seconds(25),
            wait: .seconds(20)),
        tools: [
            .init(name: "run_shell_command", tool: .shell),
            .init(name: "read_file", tool: .read),
            .init(name: "write_file", tool: .write),
            .init(name: "replace", tool: .edit),
            .init(name: "glob", tool: .search),
            .init(name: "grep_search", tool: .search),
            .init(name: "search_file_content", tool: .search),
            .init(name: "web_fetch", tool: .fetch),
            .init(name: "google_web_search", tool: .fetch),
        ],
        variables: [])

    /// Cursor by its documentation of `hooks.json` version 1. No row is verified, the unit of the timeout included.
    package static let cursor = HookFacts(
        host: .cursor, version: "hooks.json 1", isVerified: false,
        events: [
            .init("preToolUse", .preTool, stops: .call, matcher: nil),
            .init("postToolUse", .postTool, matcher: nil),
            .init("postToolUseFailure", .postToolFailure, matcher: nil),
            .init("beforeShellExecution", .preTool, stops: .call, matcher: nil),
            .init("afterShellExecution", .postTool, matcher: nil),
            .init("beforeMCPExecution", .preTool, stops: .call, matcher: nil),
            .init("afterMCPExecution", .postTool, matcher: nil),
            .init("beforeReadFile", .preTool, stops: .call, matcher: nil),
            .init("beforeTabFileRead", .preTool, stops: .call, matcher: nil),
            .init("afterFileEdit", .postTool, matcher: nil),
            .init("afterTabFileEdit", .postTool, matcher: nil),
            .init("beforeSubmitPrompt", .prompt, stops: .prompt, matcher: nil),
            .init("sessionStart", .sessionStart, matcher: nil),
            .init("sessionEnd", .sessionEnd, matcher: nil),
            .init("subagentStart", .subagentStart, matcher: nil),
            .init("subagentStop", .subagentStop, matcher: nil),
            .init("preCompact", .other, matcher: nil),
            .init("stop", .other, matcher: nil),
            .init("afterAgentResponse", .other, matcher: nil, isRegistered: false),
            .init("afterAgentThought", .other, matcher: nil, isRegistered: false),
        ],
        timing: HookTiming(
            member: "timeout", unit: .seconds, timeout: .seconds(30), deadline: .seconds(25),
            wait: .seconds(20)),
        tools: [
            .init(name: "Shell", tool: .shell),
            .init(name: "Read", tool: .read),
            .init(name: "Write", tool: .write),
            .init(name: "StrReplace", tool: .edit),
            .init(name: "Grep", tool: .search),
            .init(name: "Task", tool: .agent),
        ],
        variables: [])

    /// Copilot by its documentation, github/docs 05da5bc, with camelCase event names. Its timeouts always open, so
    /// the adapter answers early and waits for no approval.
    package static let copilot = HookFacts(
        host: .copilot, version: "05da5bc", isVerified: false,
        events: [
            .init("preToolUse", .preTool, stops: .call, matcher: nil),
            .init("postToolUse", .postTool, stops: .result, matcher: nil),
            .init("postToolUseFailure", .postToolFailure, matcher: nil),
            .init("permissionRequest", .permission, stops: .call, matcher: nil),
            .init("userPromptSubmitted", .prompt, matcher: nil),
            .init("userPromptTransformed", .other, matcher: nil, isRegistered: false),
            .init("sessionStart", .sessionStart, matcher: nil),
            .init("sessionEnd", .sessionEnd, matcher: nil),
            .init("subagentStart", .subagentStart, matcher: nil),
            .init("subagentStop", .subagentStop, matcher: nil),
            .init("agentStop", .other, matcher: nil),
            .init("errorOccurred", .other, matcher: nil),
            .init("preCompact", .other, matcher: nil),
            .init("notification", .other, matcher: nil, isRegistered: false),
        ],
        timing: HookTiming(
            member: "timeoutSec", unit: .seconds, timeout: .seconds(30), deadline: .seconds(10),
            wait: nil),
        tools: [
            .init(name: "bash", tool: .shell),
            .init(name: "view", tool: .read),
            .init(name: "create", tool: .write),
            .init(name: "edit", tool: .edit),
            .init(name: "glob", tool: .search),
            .init(name: "grep", tool: .search),
            .init(name: "web_fetch", tool: .fetch),
            .init(name: "web_search", tool: .fetch),
            .init(name: "task", tool: .agent),
        ],
        variables: [])
}

extension HookHost {
    package var facts: HookFacts {
        switch self {
        case .claudeCode: .claudeCode
        case .codex: .codex
        case .geminiCLI: .geminiCLI
        case .cursor: .cursor
        case .copilot: .copilot
        }
    }
}
