import InterlockMarkup

/// Words for what records say of coding agents and their hooks; a text that this version does not know stays as it is, with
/// spaces.
enum HostLabels {
    static func program(_ host: String) -> String {
        switch host {
        case "claude-code": "Claude Code"
        case "codex": "Codex CLI"
        case "gemini-cli": "Gemini CLI"
        case "cursor": "Cursor"
        case "copilot": "Copilot"
        case "worker": "Worker of a hosted session"
        default: host
        }
    }

    /// - Parameter event: a kind of event of a hook, or the type of the record of a call.
    static func event(_ event: String) -> String {
        switch event {
        case "pre_tool": "Tool about to run"
        case "post_tool": "Tool ended"
        case "post_tool_failure": "Tool failed"
        case "session_start": "Session started"
        case "session_end": "Session ended"
        case "subagent_start": "Subagent started"
        case "subagent_stop": "Subagent ended"
        case "config_change": "Settings changed"
        case "model_switch": "Model changed"
        case "directory": "Directory changed"
        case "call.intent": "Call allowed"
        case "call.denied": "Call denied"
        default: plain(event)
        }
    }

    /// - Parameter type: the type of a record about hooks.
    static func finding(_ type: String) -> String {
        switch type {
        case "hook.silent": "Hook silent"
        case "hook.bypassed": "Hook bypassed"
        case "hook.config_changed": "Settings changed"
        case "hook.unexplained_change": "Unexplained change of a file"
        case "hook.installed": "Hooks installed"
        case "host.unmanaged": "Host without hooks"
        case "redaction.failed": "Result not redacted"
        default: plain(type)
        }
    }

    /// A name that a host made: a short identifier, or the digest of another text.
    static func name(_ text: String) -> HTML {
        text.hasPrefix("sha256:") ? Shape.digest(text) : .safe(text)
    }

    private static func plain(_ text: String) -> String {
        let words = text.replacing("_", with: " ").replacing(".", with: " ")
        return words.prefix(1).uppercased() + words.dropFirst()
    }
}
