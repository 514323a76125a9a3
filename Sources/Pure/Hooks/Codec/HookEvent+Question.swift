import InterlockJSON

extension HookEvent {
    /// True if the host can ask its own user about this call, by its facts and by what it says of itself
    /// (docs/specs/coding-agents.md, section 4, "ask"). A headless host and a worker refuse instead.
    package var canAskUser: Bool {
        guard kind == .preTool, isAttended != false else { return false }
        return switch host {
        case .claudeCode: sameBytes(hostName, "PreToolUse")
        case .copilot: sameBytes(hostName, "preToolUse")
        case .cursor: CursorCodec.asking.contains { sameBytes($0, hostName) }
        case .codex, .geminiCLI, nil: false
        }
    }
}
