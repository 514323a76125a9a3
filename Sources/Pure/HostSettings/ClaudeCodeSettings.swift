import InterlockHooks
import InterlockJSON

/// The settings of Claude Code: `managed-settings.json` and `managed-mcp.json`, or hooks and rules alone in a file that
/// the user can change.
struct ClaudeCodeSettings {
    /// The version whose facts are tested: of an older one it is not known what its hooks do.
    static let minimumVersion = HookFacts.claudeCode.version

    private let settings: HostSettings

    init(_ settings: HostSettings) {
        self.settings = settings
    }

    var bytes: [UInt8] {
        var root: JSONObject = [:]
        if settings.scope == .managed {
            // A new session starts only if the helper says so. Inside a run the launcher has done what it does.
            if case .machine = settings.location { root["policyHelper"] = Self.policyHelper }
            root["requiredMinimumVersion"] = .string(Self.minimumVersion)
            root["allowManagedHooksOnly"] = true
            root["allowManagedPermissionRulesOnly"] = true
        }
        root["hooks"] = .object(hooks)
        root["permissions"] = permissions
        if settings.scope == .managed {
            root["sandbox"] = sandbox
            root["env"] = environment.map(JSONValue.object)
        }
        return SettingsText.of(.object(root))
    }

    /// The fixed list of MCP servers: the gateway decides all of their calls.
    static func servers(_ settings: HostSettings) -> [UInt8] {
        SettingsText.of([
            "mcpServers": ["interlock": ["type": "http", "url": .string(settings.gateway)]]
        ])
    }

    private static let policyHelper: JSONValue = [
        "path": .string(HookPaths.policyHelper), "timeoutMs": 5000, "refreshIntervalMs": 60_000,
    ]

    /// Unknown events are ignored, so one of a later version does no harm. An unknown value of `onFailure` is dropped in a
    /// file of the user, and the hook then opens.
    private var hooks: JSONObject {
        GroupedHooks.of(.claudeCode) { event in
            var handler = GroupedHooks.handler(settings, of: event)
            if settings.scope == .managed { handler["onFailure"] = "block" }
            return handler
        }
    }

    private var permissions: JSONValue {
        var permissions: JSONObject = [:]
        if settings.scope == .managed {
            permissions["disableBypassPermissionsMode"] = "disable"
            // Auto mode lets a classifier allow commands that no rule allows (docs/decisions/0142).
            permissions["disableAutoMode"] = "disable"
        }
        if case .machine(_, let hidden) = settings.location {
            permissions["deny"] = .array(DenyRules.of(hidden).map(JSONValue.string))
        }
        return .object(permissions)
    }

    /// A sandbox inside a sandbox is refused, and would cover shell commands alone.
    private var sandbox: JSONValue {
        if case .run = settings.location { return ["enabled": false] }
        return [
            "enabled": true, "failIfUnavailable": true, "autoAllowBashIfSandboxed": false,
            "allowUnsandboxedCommands": false, "excludedCommands": [],
            "network": ["allowedDomains": []],
        ]
    }

    /// Only the route to the model, which settings of a project must not move. `CLAUDE_CODE_SUBPROCESS_ENV_SCRUB` is not set:
    /// with it 2.1.332 makes empty files such as `package.json` and `.env` in each project.
    private var environment: JSONObject? {
        guard case .run(let model?) = settings.location else { return nil }
        return ["ANTHROPIC_BASE_URL": .string(model)]
    }
}
