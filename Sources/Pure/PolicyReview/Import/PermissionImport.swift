import InterlockHooks
import InterlockModel
import InterlockPolicy
import InterlockShell

/// Turns permission rules of Claude Code into the parts of a policy for one agent. Every rule is either in the policy or in
/// `unused`.
package struct PermissionImport: Sendable {
    /// A rule of the policy about calls, with its condition.
    struct Conditional: Sendable, Hashable {
        /// `server.tool` or `server.*`.
        let tool: String
        let when: String?
    }

    /// The rules that the policy does not have, in the order of the files.
    package private(set) var unused: [UnusedPermission] = []
    /// Grants of server `host`, each once, in the order of their first rule.
    private(set) var grants: [Conditional] = []
    /// The tools of MCP servers that rules name; those with true are granted.
    private(set) var servers: [ServerName: [ToolName: Bool]] = [:]
    private(set) var approvals: [String] = []
    /// Calls that need one approval for their arguments.
    private(set) var asked: [Conditional] = []
    private(set) var forbids: [Conditional] = []
    private(set) var commands: [String] = []
    private(set) var hidden: [String] = []

    /// Further names that are hidden; the policy's own limit is for the usual ones too.
    private static let mostHidden = 64

    /// The rules of all files that are read; each is compared with all others.
    private static let mostRules = 1_000

    /// - Parameter files: the files in any order, since a deny of one beats an allow of another.
    package init(_ files: [PermissionFile]) {
        var rules: [PermissionRule] = []
        for (effect, text) in files.flatMap(\.rules) {
            do throws(PermissionRuleError) {
                let rule = try PermissionRule(effect, text)
                guard !rules.contains(rule) else { continue }
                if rules.count < Self.mostRules {
                    rules.append(rule)
                } else {
                    add(effect, text, UnusedCause(.notExpressed, "there are too many rules"))
                }
            } catch { add(effect, text, UnusedCause(error)) }
        }
        for rule in rules {
            do throws(UnusedCause) {
                if let other = rules.first(where: { $0.effect > rule.effect && $0.covers(rule) }) {
                    throw UnusedCause(
                        .neverMatches, "\(other.effect.rawValue) `\(other.text)` comes first")
                }
                try add(rule, among: rules)
            } catch { add(rule.effect, rule.text, error) }
        }
    }

    private mutating func add(
        _ effect: PermissionRule.Effect, _ text: String, _ cause: UnusedCause
    ) {
        unused.append(
            UnusedPermission(effect: effect, text: text, kind: cause.kind, cause: cause.text))
    }

    private mutating func add(
        _ rule: PermissionRule, among rules: [PermissionRule]
    ) throws(UnusedCause) {
        if rule.tool.hasPrefix("mcp__") { return try addMCP(rule) }
        guard !rule.tool.contains("*") else {
            throw UnusedCause(.notExpressed, "a policy names each tool")
        }
        switch rule.tool {
        case "Bash": try addShell(rule, among: rules)
        case "WebFetch", "WebSearch": try addFetch(rule)
        case "Task", "Agent":
            put(rule, ["agent"], when: rule.content.map(PermissionCondition.agent))
        default: try addFiles(rule)
        }
    }

    private mutating func put(_ rule: PermissionRule, _ tools: [String], when: String?) {
        for tool in tools {
            let part = Conditional(tool: "host.\(tool)", when: when)
            switch rule.effect {
            case .allow: grants.addOnce(part)
            case .deny: forbids.addOnce(part)
            case .ask:
                grants.addOnce(part)
                if when == nil { approvals.addOnce(part.tool) } else { asked.addOnce(part) }
            }
        }
    }

    private mutating func addShell(
        _ rule: PermissionRule, among rules: [PermissionRule]
    ) throws(UnusedCause) {
        guard let content = rule.content else {
            put(rule, ["shell"], when: nil)
            guard rule.effect == .allow else { return }
            throw UnusedCause(
                .notExpressed, "commands that do more than read and test still need approval")
        }
        let command = try ShellRule(content)
        guard rule.effect == .allow else {
            if rule.effect == .ask { grants.addOnce(Conditional(tool: "host.shell", when: nil)) }
            let part = Conditional(
                tool: "host.shell", when: PermissionCondition.shell(command))
            if rule.effect == .deny { forbids.addOnce(part) } else { asked.addOnce(part) }
            return
        }
        let exception = rules.first { other in
            guard other.effect > .allow, other.tool == "Bash",
                let inner = other.content.flatMap({ try? ShellRule($0) })
            else { return false }
            return command.covers(inner)
        }
        if let exception {
            throw UnusedCause(
                .notExpressed,
                "a list has no exceptions, and \(exception.effect.rawValue) `\(exception.text)` is one"
            )
        }
        do throws(ShellPatternError) { _ = try ShellPattern(command.entry) } catch {
            throw UnusedCause(.notExpressed, error.cause)
        }
        guard commands.count < ShellAllowList.most || commands.contains(command.entry) else {
            throw UnusedCause(.notExpressed, "the list has \(ShellAllowList.most) entries")
        }
        grants.addOnce(Conditional(tool: "host.shell", when: nil))
        commands.addOnce(command.entry)
    }

    private mutating func addFetch(_ rule: PermissionRule) throws(UnusedCause) {
        guard rule.tool == "WebFetch" else {
            guard rule.content == nil else {
                throw UnusedCause(.notExpressed, "a search is allowed as a whole")
            }
            let when =
                rule.effect == .allow
                ? PermissionCondition.searchesAlone : PermissionCondition.searches
            return put(rule, ["fetch"], when: when)
        }
        guard let content = rule.content else {
            return put(rule, ["fetch"], when: PermissionCondition.fetches)
        }
        guard content.hasPrefix("domain:") else {
            throw UnusedCause(.neverMatches, "a rule of WebFetch has the form `domain:HOST`")
        }
        guard let when = PermissionCondition.domain(content, rule.effect) else {
            throw UnusedCause(.notExpressed, "it names no host, or an address")
        }
        put(rule, ["fetch"], when: when)
    }

    private mutating func addFiles(_ rule: PermissionRule) throws(UnusedCause) {
        guard let content = rule.content else {
            let tool = HookFacts.claudeCode.tool(named: rule.tool)
            guard let name = tool.hostTool, tool != .other else {
                throw UnusedCause(
                    .notExpressed, "its tool is `host.other` to the hook, which is refused")
            }
            // A rule about `Edit` is for every tool that writes files.
            return put(rule, rule.tool == "Edit" ? ["edit", "write"] : [name], when: nil)
        }
        switch rule.tool {
        case "Write", "NotebookEdit", "MultiEdit":
            throw UnusedCause(.neverMatches, "paths are matched by rules of `Edit` alone")
        case "Glob":
            throw UnusedCause(.neverMatches, "paths are matched by rules of `Read` alone")
        case "Read" where rule.effect == .deny:
            guard let name = HiddenName(content)?.text else {
                throw UnusedCause(
                    .notExpressed,
                    "a run hides names, and no path outside of the workspace is there")
            }
            guard hidden.count < Self.mostHidden || hidden.contains(name) else {
                throw UnusedCause(.notExpressed, "\(Self.mostHidden) further names are hidden")
            }
            hidden.addOnce(name)
        case "Read", "Edit":
            throw UnusedCause(
                .notExpressed,
                "a grant of `host.\(rule.tool.lowercased())` is for every path; name paths in `sandbox`"
            )
        default: throw UnusedCause(.notExpressed, "the policy has no such condition")
        }
    }

    private mutating func addMCP(_ rule: PermissionRule) throws(UnusedCause) {
        guard rule.content == nil, !rule.text.contains("(") else {
            throw UnusedCause(.neverMatches, "a rule of an MCP tool has no parentheses")
        }
        let parts = MCPRule(rule.tool)
        guard let server = parts.server, server != HostServer.name else {
            throw UnusedCause(.notExpressed, "a policy has no server of this name")
        }
        guard let tool = parts.tool else {
            guard rule.effect == .deny, parts.isWhole else {
                throw UnusedCause(.notExpressed, "a policy names each tool of a server")
            }
            servers[server, default: [:]].merge([:]) { $0 || $1 }
            forbids.addOnce(Conditional(tool: "\(server).*", when: nil))
            return
        }
        let name = "\(server).\(tool)"
        let isGranted = rule.effect != .deny
        servers[server, default: [:]].merge([tool: isGranted]) { $0 || $1 }
        switch rule.effect {
        case .allow: break
        case .ask: approvals.addOnce(name)
        case .deny: forbids.addOnce(Conditional(tool: name, when: nil))
        }
    }
}

extension [String] {
    fileprivate mutating func addOnce(_ text: String) {
        if !contains(text) { append(text) }
    }
}

extension [PermissionImport.Conditional] {
    fileprivate mutating func addOnce(_ part: PermissionImport.Conditional) {
        if !contains(part) { append(part) }
    }
}
