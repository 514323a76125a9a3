/// A program whose agents use MCP servers, and where it keeps the list of them.
///
/// Sources, read in November 2026: Claude Code `code.claude.com/docs/en/mcp`, Claude Desktop
/// `modelcontextprotocol.io/docs/develop/connect-local-servers`, Cursor `cursor.com/docs/context/mcp`,
/// VS Code `code.visualstudio.com/docs/copilot/reference/mcp-configuration`, Codex
/// `github.com/openai/codex`, `docs/config.md`.
package enum HostKind: String, Sendable, CaseIterable {
    case claudeCode = "claude-code"
    case claudeDesktop = "claude-desktop"
    case cursor, vscode, codex

    /// As people call it.
    package var title: String {
        switch self {
        case .claudeCode: "Claude Code"
        case .claudeDesktop: "Claude Desktop"
        case .cursor: "Cursor"
        case .vscode: "VS Code"
        case .codex: "Codex"
        }
    }

    /// The member of the file that has the servers.
    package var table: String { self == .vscode ? "servers" : "mcpServers" }

    /// A file of the user, relative to the home folder (Linux).
    package var userFile: String {
        switch self {
        case .claudeCode: ".claude.json"
        case .claudeDesktop: ".config/Claude/claude_desktop_config.json"
        case .cursor: ".cursor/mcp.json"
        case .vscode: ".config/Code/User/mcp.json"
        case .codex: ".codex/config.toml"
        }
    }

    /// A file of one project, relative to its folder; nil where the host has none.
    package var projectFile: String? {
        switch self {
        case .claudeCode: ".mcp.json"
        case .claudeDesktop: nil
        case .cursor: ".cursor/mcp.json"
        case .vscode: ".vscode/mcp.json"
        case .codex: ".codex/config.toml"
        }
    }

    /// The host of a file, by its path; nil for a name that no host uses.
    ///
    /// - Parameter path: absolute.
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
        default: return nil
        }
    }

    /// The folder of the project that a file belongs to; nil for a user's own file. Some hosts call both the
    /// same: only where it lies tells them apart.
    ///
    /// - Parameters:
    ///   - path: absolute, without links.
    ///   - home: of the user, without links; nil without one.
    package func projectFolder(of path: String, home: String?) -> String? {
        guard let projectFile, path.hasSuffix("/" + projectFile),
            path != home.map({ $0 + "/" + userFile })
        else { return nil }
        let folder = path.dropLast(projectFile.count + 1)
        return folder.isEmpty ? "/" : String(folder)
    }
}
