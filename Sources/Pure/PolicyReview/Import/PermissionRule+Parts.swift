import InterlockModel
import InterlockShell

/// `mcp__SERVER`, `mcp__SERVER__*` or `mcp__SERVER__TOOL`.
struct MCPRule {
    /// Is nil if the name is no server's in a policy.
    let server: ServerName?
    /// Is nil for a rule about several tools, and for a name that is no tool's in a policy.
    let tool: ToolName?
    /// True for a rule about all tools of the server.
    let isWhole: Bool

    init(_ name: String) {
        let rest = name.dropFirst("mcp__".count)
        guard let split = rest.firstRange(of: "__") else {
            server = ServerName(String(rest))
            tool = nil
            isWhole = true
            return
        }
        server = ServerName(String(rest[..<split.lowerBound]))
        let last = String(rest[split.upperBound...])
        isWhole = last == "*"
        tool = ToolName(last)
    }
}

/// A pattern of `.gitignore` as the pattern of one name, which a run hides at any depth: so it hides at least what the
/// pattern names within the workspace.
struct HiddenName {
    let text: String

    /// Returns nil for a path outside of the workspace, a path of several names, and other forms.
    init?(_ pattern: String) {
        var rest = pattern[...]
        // `//path` is absolute, and `~/path` in a home.
        guard !rest.hasPrefix("//"), !rest.hasPrefix("~") else { return nil }
        for prefix in ["./", "/", "**/"] where rest.hasPrefix(prefix) {
            rest = rest.dropFirst(prefix.count)
        }
        for suffix in ["/**", "/*", "/"] where rest.hasSuffix(suffix) {
            rest = rest.dropLast(suffix.count)
            break
        }
        let name = String(rest)
        guard (1...255).contains(name.utf8.count), name != ".", name != "..",
            name.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f && !#"/[]{}\!#"#.utf8.contains($0) }),
            !name.allSatisfy({ $0 == "*" || $0 == "?" })
        else { return nil }
        text = name
    }
}

extension PermissionRule {
    /// True if every call that `other` is about is one that this rule is about. May be false although it is so.
    func covers(_ other: PermissionRule) -> Bool {
        if tool.hasPrefix("mcp__"), other.tool.hasPrefix("mcp__") {
            let (own, others) = (MCPRule(tool), MCPRule(other.tool))
            guard content == nil, own.server != nil else { return false }
            return tool == other.tool || own.isWhole && own.server == others.server
        }
        guard tool == other.tool else { return false }
        guard let content else { return true }
        if tool == "Bash", let own = try? ShellRule(content),
            let inner = other.content.flatMap({ try? ShellRule($0) })
        {
            return own.covers(inner)
        }
        return content == other.content
    }
}

extension UnusedCause {
    init(_ error: PermissionRuleError) {
        switch error {
        case .tooLong:
            self.init(.notExpressed, "it is longer than \(PermissionRule.longest) bytes")
        case .characters:
            self.init(.notExpressed, "it has other characters than printable ASCII")
        case .malformed:
            self.init(.neverMatches, "it has not the form `Tool` or `Tool(content)`")
        case .emptyParentheses: self.init(.neverMatches, "its parentheses are empty")
        }
    }
}

extension ShellPatternError {
    var cause: String {
        switch self {
        case .tooLong: "an entry of `shell_allow` has at most \(ShellPattern.most) bytes"
        case .malformed: "an entry of `shell_allow` is plain words with one space between them"
        case .allows(let kind):
            "it would allow commands of the kind `\(kind.rawValue)`, which people always decide"
        }
    }
}
