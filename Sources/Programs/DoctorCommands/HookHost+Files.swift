import InterlockCommandLine
import InterlockHooks
import InterlockHostSettings
import InterlockHosts

/// The places where a host looks for its settings, besides the file that is installed.
extension HookHost {
    /// The program that people start.
    var program: String {
        switch self {
        case .claudeCode: "claude"
        case .codex: "codex"
        case .geminiCLI: "gemini"
        case .cursor: "cursor-agent"
        case .copilot: "copilot"
        }
    }

    /// The managed files with hooks: the one that is installed first, then every drop-in that is there.
    var managedPaths: [String] {
        let first = hooksPath(.managed).map { [$0] } ?? []
        guard let dropIn = dropInPath, let slash = dropIn.lastIndex(of: "/") else { return first }
        let folder = String(dropIn[..<slash])
        let names: [String]
        do throws(FileFailure) { names = try File.names(in: folder) } catch {
            // A folder that cannot be listed may have files that the host cannot read either.
            return error.isMissing ? first : first + [dropIn]
        }
        return first + names.filter { $0.hasSuffix(".json") }.map { folder + "/" + $0 }
    }

    /// The settings of the user, relative to the home: the file with the hooks, and others that can have some.
    var ownSettings: [String] {
        let others: [String] =
            switch self {
            case .claudeCode, .geminiCLI, .cursor: []
            case .codex: [".codex/config.toml"]
            case .copilot: [".copilot/config.json"]
            }
        return (hooksPath(.user).map { [$0] } ?? []) + others
    }

    /// The settings of the project, relative to its folder.
    var projectSettings: [String] {
        switch self {
        // Copilot reads the settings of Claude Code, too.
        case .claudeCode, .copilot: [".claude/settings.json", ".claude/settings.local.json"]
        case .codex, .geminiCLI, .cursor: ownSettings
        }
    }

    /// A folder below the home of which each JSON file is read.
    var userFolder: String? { self == .copilot ? ".copilot/hooks" : nil }

    /// A folder of the project of which each JSON file is read.
    var projectFolder: String? { self == .copilot ? ".github/hooks" : nil }

    var serverLists: [HostKind] {
        switch self {
        case .claudeCode: [.claudeCode]
        case .codex: [.codex]
        case .geminiCLI: [.geminiCLI]
        case .cursor: [.cursor]
        case .copilot: []
        }
    }
}
