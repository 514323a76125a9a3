extension HookFacts {
    /// Claude Code as in PyPI `claude-agent-sdk` 0.2.189.
    package static let claudeCode = HookFacts(
        host: .claudeCode, version: "2.1.332", isVerified: true,
        events: [
            .init("PreToolUse", .preTool, stops: .call),
            .init("PostToolUse", .postTool, stops: .result),
            .init("PostToolUseFailure", .postToolFailure),
            .init("PostToolBatch", .other),
            .init("Notification", .other, isRegistered: false),
            .init("UserPromptSubmit", .prompt, stops: .prompt),
            .init("UserPromptExpansion", .prompt, stops: .prompt),
            .init("SessionStart", .sessionStart),
            .init("SessionEnd", .sessionEnd),
            .init("Stop", .other, stops: .turn),
            .init("StopFailure", .other),
            .init("SubagentStart", .subagentStart),
            .init("SubagentStop", .subagentStop, stops: .turn),
            .init("PreCompact", .other),
            .init("PostCompact", .other),
            .init("PreModelSwitch", .modelSwitch),
            .init("PostModelSwitch", .modelSwitch),
            .init("PermissionRequest", .permission, stops: .call),
            .init("PermissionDenied", .other),
            .init("Setup", .other),
            .init("TeammateIdle", .other, stops: .turn),
            .init("TaskCreated", .other),
            .init("TaskCompleted", .other, stops: .turn),
            .init("Elicitation", .other),
            .init("ElicitationResult", .other),
            .init("ConfigChange", .configChange),
            // A hook of this event takes over making the worktree, and must print its path.
            .init("WorktreeCreate", .directory, isRegistered: false),
            .init("WorktreeRemove", .directory),
            .init("InstructionsLoaded", .instructions),
            .init("CwdChanged", .directory),
            .init("FileChanged", .directory),
            .init("DirectoryAdded", .directory),
            .init("MessageDisplay", .other, isRegistered: false),
            // A shell command in the text of a skill, which runs without a call of a tool.
            .init("PreSkillShellCommand", .preTool, stops: .call),
        ],
        timing: HookTiming(
            member: "timeout", unit: .seconds, timeout: .seconds(30), deadline: .seconds(25),
            wait: .seconds(20)),
        tools: [
            .init(name: "Bash", tool: .shell),
            .init(name: "Read", tool: .read),
            .init(name: "Write", tool: .write),
            .init(name: "Edit", tool: .edit),
            .init(name: "NotebookEdit", tool: .edit),
            .init(name: "Glob", tool: .search),
            .init(name: "Grep", tool: .search),
            .init(name: "WebFetch", tool: .fetch),
            .init(name: "WebSearch", tool: .fetch),
            .init(name: "Task", tool: .agent),
            .init(name: "Agent", tool: .agent),
        ],
        variables: ["CLAUDE_CODE_SESSION_ATTENDED"])
}

extension HookEventFact {
    init(
        _ name: String, _ kind: HookEventKind, stops: HookStop = .nothing, matcher: String? = "*",
        isRegistered: Bool = true
    ) {
        self.init(
            name: name, kind: kind, stops: stops, matcher: matcher, isRegistered: isRegistered)
    }
}
