package import InterlockHooks

/// An environment variable by which a host looks for its settings elsewhere.
package struct DoctorVariable: Sendable, Hashable {
    package let name: String
    package let host: HookHost
    /// The folder of the home that it replaces, or nil if it moves the managed settings.
    package let folder: String?

    /// The rows for hosts other than Claude Code are from their documentation.
    package static let all = [
        DoctorVariable(name: "CLAUDE_CONFIG_DIR", host: .claudeCode, folder: ".claude"),
        DoctorVariable(name: "CODEX_HOME", host: .codex, folder: ".codex"),
        DoctorVariable(name: "GEMINI_CLI_SYSTEM_SETTINGS_PATH", host: .geminiCLI, folder: nil),
        DoctorVariable(name: "GEMINI_CLI_SYSTEM_DEFAULTS_PATH", host: .geminiCLI, folder: nil),
        DoctorVariable(name: "COPILOT_HOME", host: .copilot, folder: ".copilot"),
        DoctorVariable(name: "CURSOR_CONFIG_DIR", host: .cursor, folder: ".cursor"),
    ]

    package static func all(of host: HookHost) -> [DoctorVariable] {
        all.filter { $0.host == host }
    }
}

/// The environment of the user, in which the host looks for its settings.
enum EnvironmentChecks {
    static func all(_ settings: ManagedSettings, _ facts: DoctorFacts) -> [DoctorCheck] {
        let known = DoctorVariable.all(of: facts.host)
        let set = known.filter { variable in facts.variables.contains { $0 == variable.name } }
        guard !set.isEmpty else { return [unset(known, settings, facts)] }
        return set.map { variable in
            if variable.folder == nil {
                DoctorCheck(
                    .environment, variable.name, .failed,
                    "moves the managed settings, so that the installed ones are not in effect",
                    help: "unset \(variable.name), and start the host with `interlock run`")
            } else {
                DoctorCheck(
                    .environment, variable.name, .guidance,
                    "moves the settings of the user, which were read at both places")
            }
        }
    }

    private static func unset(
        _ known: [DoctorVariable], _ settings: ManagedSettings, _ facts: DoctorFacts
    ) -> DoctorCheck {
        if let variable = known.first(where: { $0.folder == nil }) {
            return DoctorCheck(
                .environment, nil, .guidance,
                "the agent can move the managed settings by `\(variable.name)`",
                help: "start the host with `interlock run`")
        }
        return DoctorCheck(
            .environment, nil, settings.files.isEmpty ? .guidance : facts.managedVerdict,
            "no variable moves the settings of the host")
    }
}
