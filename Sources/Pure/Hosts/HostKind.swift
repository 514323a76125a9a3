/// A program whose agents use MCP servers, with the location of its server list.
///
/// Sources, read in November 2026: Claude Code `code.claude.com/docs/en/mcp`, Claude Desktop
/// `modelcontextprotocol.io/docs/develop/connect-local-servers`, Cursor `cursor.com/docs/context/mcp`,
/// VS Code `code.visualstudio.com/docs/copilot/reference/mcp-configuration`, Codex
/// `github.com/openai/codex`, `docs/config.md`, Gemini CLI `github.com/google-gemini/gemini-cli`,
/// `docs/tools/mcp-server.md`.
package enum HostKind: String, Sendable, CaseIterable {
    case claudeCode = "claude-code"
    case claudeDesktop = "claude-desktop"
    case cursor, vscode, codex
    case geminiCLI = "gemini-cli"

    /// The product's name.
    package var title: String {
        switch self {
        case .claudeCode: "Claude Code"
        case .claudeDesktop: "Claude Desktop"
        case .cursor: "Cursor"
        case .vscode: "VS Code"
        case .codex: "Codex"
        case .geminiCLI: "Gemini CLI"
        }
    }

    /// The member of the file that lists the servers.
    package var table: String { self == .vscode ? "servers" : "mcpServers" }

    /// The path of the user's file, relative to the home folder (Linux).
    package var userFile: String {
        switch self {
        case .claudeCode: ".claude.json"
        case .claudeDesktop: ".config/Claude/claude_desktop_config.json"
        case .cursor: ".cursor/mcp.json"
        case .vscode: ".config/Code/User/mcp.json"
        case .codex: ".codex/config.toml"
        case .geminiCLI: ".gemini/settings.json"
        }
    }

    /// The path of a project's file, relative to the project's folder; is nil if the host has no project files.
    package var projectFile: String? {
        switch self {
        case .claudeCode: ".mcp.json"
        case .claudeDesktop: nil
        case .cursor: ".cursor/mcp.json"
        case .vscode: ".vscode/mcp.json"
        case .codex: ".codex/config.toml"
        case .geminiCLI: ".gemini/settings.json"
        }
    }

    /// Derives the host from a file's path; returns nil if no host uses such a name.
    ///
    /// - Parameter path: an absolute path.
    package init?(path: String) {
        let parts = path.split(separator: "/").suffix(2).map(String.init)
        let name = parts.last ?? ""
        let folder = parts.count == 2 ? parts[0] : ""
        switch (folder, name) {
        case (_, ".mcp.json"), (_, ".claude.json"): self = .claudeCode
        case (_, "claude_desktop_config.json"): self = .claudeDesktop
        case (".cursor", "mcp.json"): self = .cursor
        case (".vscode", "mcp.json"), ("User", "mcp.json"): self = .vscode
        case (".codex", "config.toml"): self = .codex
        case (".gemini", "settings.json"): self = .geminiCLI
        default: return nil
        }
    }

    /// Returns the folder of the project that a file belongs to, or nil for a user's own file. Some hosts use one name
    /// for both, so only the location distinguishes them.
    ///
    /// - Parameters:
    ///   - path: an absolute path without symbolic links.
    ///   - home: the user's home folder without symbolic links, or nil if there is no home folder.
    package func projectFolder(of path: String, home: String?) -> String? {
        guard let projectFile, path.hasSuffix("/" + projectFile),
            path != home.map({ $0 + "/" + userFile })
        else { return nil }
        let folder = path.dropLast(projectFile.count + 1)
        return folder.isEmpty ? "/" : String(folder)
    }
}
