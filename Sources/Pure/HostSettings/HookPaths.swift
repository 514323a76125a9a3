package import InterlockHooks

/// The paths of Interlock's own files of hooks (docs/specs/coding-agents.md, sections 2 and 6).
package enum HookPaths {
    /// The adapter, as a package installs it.
    package static let adapter = "/usr/bin/interlock-hook"
    /// The adapter inside a run: `/usr` is the host's, and a mount needs a name of its own.
    package static let adapterInRun = "/run/interlock/interlock-hook"
    /// Names the gateway to the adapter.
    package static let endpoint = "/etc/interlock/hook.json"
    /// The list of managed files that installations wrote.
    package static let installed = "/etc/interlock/installed.json"
    /// The list of the other files, relative to the home.
    package static let installedOfUser = ".config/interlock/installed.json"
    /// The home of an agent inside a run.
    package static let homeInRun = "/home/agent"
    /// The root-owned link to `interlock` that Claude Code starts before each session.
    package static let policyHelper = "/usr/lib/interlock/claude-policy-helper"
    /// The name of that link, by which `interlock` knows what it is asked for.
    package static let policyHelperName = "claude-policy-helper"
    /// The argument with which `doctor` starts it, for a trial without the last result of doctor: otherwise the first one could
    /// not be good. Settings that only root can change name the helper without it.
    package static let policyHelperForDoctor = "--for-doctor"
}

/// The users that a host's settings apply to, and who can change them.
package enum HostSettingsScope: String, Sendable, CaseIterable {
    /// All users of the machine; only root can change it.
    case managed
    /// One user, whose agents can change it.
    case user
    /// One project, whose agents can change it.
    case project
}

extension HookHost {
    /// The events for which a hook is installed, in the order of the facts.
    package var registeredEvents: [HookEventFact] { facts.events.filter(\.isRegistered) }

    /// The path of the file with the hooks: absolute for `managed`, else relative to the home or the project.
    ///
    /// - Returns: nil if the host has no such file.
    package func hooksPath(_ scope: HostSettingsScope) -> String? {
        switch (self, scope) {
        case (.claudeCode, .managed): "/etc/claude-code/managed-settings.json"
        case (.claudeCode, _): ".claude/settings.json"
        case (.codex, .managed): "/etc/codex/requirements.toml"
        case (.codex, _): ".codex/hooks.json"
        case (.geminiCLI, .managed): "/etc/gemini-cli/settings.json"
        case (.geminiCLI, _): ".gemini/settings.json"
        case (.cursor, .managed): "/etc/cursor/hooks.json"
        case (.cursor, _): ".cursor/hooks.json"
        case (.copilot, .managed): "/etc/github-copilot/policy.d/interlock.json"
        case (.copilot, .user): ".copilot/hooks/interlock.json"
        case (.copilot, .project): ".github/hooks/interlock.json"
        }
    }

    /// The path below the home of a run at which the host gets its hooks too, or nil if it needs none there. Copilot takes
    /// its managed file from root alone, and inside a run root owns nothing.
    package var hooksPathInRun: String? {
        guard self == .copilot else { return nil }
        return hooksPath(.user).map { HookPaths.homeInRun + "/" + $0 }
    }

    /// The path of a managed file that is read after the one of `hooksPath`, or nil if the host reads no folder of files.
    package var dropInPath: String? {
        self == .claudeCode ? "/etc/claude-code/managed-settings.d/50-interlock.json" : nil
    }

    /// The path of the fixed list of MCP servers, or nil if the host has none that a user cannot extend.
    package var managedServersPath: String? {
        self == .claudeCode ? "/etc/claude-code/managed-mcp.json" : nil
    }
}
