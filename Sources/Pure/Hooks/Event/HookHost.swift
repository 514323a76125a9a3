/// A coding agent program whose hooks ask Interlock. The raw value is its name on command lines, in configuration and
/// on the wire.
package enum HookHost: String, Sendable, CaseIterable {
    case claudeCode = "claude-code"
    case codex
    case geminiCLI = "gemini-cli"
    case cursor, copilot
}
