package import InterlockJSON
package import InterlockModel

/// The reserved server `host`: the own tools of coding agents, which their hooks ask about (docs/specs/coding-agents.md,
/// section 3). It is the same for all hosts, has no connection, and is part of each policy that names it.
package enum HostServer {
    package static let name = ServerName("host")!

    /// A tool with its class and declared effects. A `host.shell` without a graver rule only reads or tests; every other
    /// effect of it is added by `rules`, from the class of its command.
    private static let tools: [(name: String, toolClass: ToolClass, effects: [Effect])] = [
        ("shell", .write, [.read]), ("read", .read, []), ("write", .write, [.reversible]),
        ("edit", .write, [.reversible]), ("search", .read, []), ("fetch", .read, []),
        // Each call of a subagent is decided for itself.
        ("agent", .read, []),
        ("other", .destructive, [.irreversible]),
    ]

    /// The effects of a shell command by its class, the argument `class` of the call, which the gateway determines. All
    /// apply to a call without one, because a rule applies unless its condition is false.
    private static let shellRules: [(id: String, effect: Effect, condition: String)] = [
        (
            "host:shell-irreversible", .irreversible,
            #"args.class in ["arbitrary", "delete", "push"]"#
        ),
        ("host:shell-production", .production, #"args.class in ["deploy", "production"]"#),
        ("host:shell-write", .reversible, #"args.class == "write""#),
    ]

    /// The tools that read the workspace and nothing else; a `host.shell` does so with a command of these classes.
    private static let workspaceTools = ["read", "write", "edit", "search", "agent"]
    private static let workspaceCommands = ["read", "test", "write"]

    /// Returns false if a call of the server can bring content from outside the workspace to the model. A command
    /// that is not fully understood can do anything.
    ///
    /// - Parameter arguments: those that the gateway made; `class` is the class of a command.
    package static func readsWorkspaceAlone(
        _ address: ToolAddress, _ arguments: JSONValue
    ) -> Bool {
        if workspaceTools.contains(address.tool.text) { return true }
        guard address.tool.text == "shell", let kind = arguments["class"]?.string else {
            return false
        }
        return workspaceCommands.contains(kind)
    }

    /// The tools that leave files alone; a `host.shell` does so with a command that only reads.
    private static let leavingTools = ["read", "search", "fetch", "agent"]

    /// Returns true if a call of the server can write files.
    ///
    /// - Parameter arguments: as for `readsWorkspaceAlone`.
    package static func writesFiles(_ address: ToolAddress, _ arguments: JSONValue) -> Bool {
        if leavingTools.contains(address.tool.text) { return false }
        guard address.tool.text == "shell" else { return true }
        return arguments["class"]?.string.map { $0 != "read" } ?? true
    }

    /// The folders to which a call of the server can write, as far as it names them: its working directory, and those of
    /// the files among the host's own arguments. Without a working directory it may be any folder.
    ///
    /// - Parameter arguments: those that the gateway made.
    package static func folders(of arguments: JSONValue) -> [FolderPath] {
        let base = workingDirectory(arguments)
        return [base] + files(of: arguments, in: base).map(\.parent)
    }

    /// The working directory of a call or an event, and the files and folders that it names.
    ///
    /// - Parameter arguments: as for `folders`.
    package static func places(of arguments: JSONValue) -> [FolderPath] {
        let base = workingDirectory(arguments)
        return [base] + files(of: arguments, in: base)
    }

    private static func workingDirectory(_ arguments: JSONValue) -> FolderPath {
        arguments["cwd"]?.string.flatMap { FolderPath($0) } ?? .root
    }

    /// A name that leads to no known place counts as every folder.
    private static func files(of arguments: JSONValue, in base: FolderPath) -> [FolderPath] {
        pathArguments.compactMap { name -> FolderPath? in
            guard let value = arguments["arguments"]?[name], value != .null else { return nil }
            guard let text = value.string, !text.utf8.starts(with: "~".utf8),
                !text.utf8.starts(with: "file:".utf8)
            else { return .root }
            return text.isEmpty ? nil : FolderPath(text, in: base) ?? .root
        }
    }

    /// The names under which hosts state the path of a file or folder.
    private static let pathArguments = [
        "file_path", "filePath", "notebook_path", "absolute_path", "dir_path", "path",
        "target_file",
    ]

    /// The location of what no file states.
    static let place = PolicyLocation(file: "host", line: 1, column: 1)

    static func isNamed(by scopes: [ScopeSpec]) -> Bool {
        scopes.contains { $0.server == name.text }
    }

    /// - Parameter pattern: a pattern of tools as written, such as `host.shell`.
    static func isNamed(by pattern: String) -> Bool {
        pattern.utf8.elementsEqual(name.text.utf8)
            || pattern.utf8.starts(with: "\(name.text).".utf8)
    }

    static func isNamed(by task: TaskSpec) -> Bool {
        task.tools.contains { isNamed(by: $0.value) }
    }

    static func isNamed(by rule: RuleSpec) -> Bool {
        rule.patterns.contains { pattern in
            switch pattern.value {
            case .everything: false
            case .server(let server), .item(let server, _): server == name
            }
        }
    }

    /// The server as a policy would state it.
    static func spec(_ findings: inout Findings) -> ServerSpec? {
        let members = tools.map { tool in
            member(
                tool.name, "servers.host.tools",
                .record([
                    member("class", "", .text(tool.toolClass.rawValue)),
                    member("effects", "", .list(tool.effects.map { value(.text($0.name)) })),
                ]))
        }
        return ServerSpec(
            member(
                name.text, "servers",
                .record([
                    member("environment", "servers.host", .text("host")),
                    member("tools", "servers.host", .record(members)),
                ])), &findings)
    }

    /// The effect rules of `host.shell`, sorted by id.
    static var rules: [RuleSpec] {
        shellRules.map { rule in
            let path = "servers.host.rules.\(rule.id)"
            return RuleSpec(
                id: Located(rule.id, place: place, path: path),
                patterns: [
                    Located(.item(name, "shell"), place: place, path: "servers.host.tools.shell")
                ],
                when: GuardText(source: rule.condition, style: .literal, place: place),
                adds: rule.effect,
                classes: [], agents: [], tiers: [], place: place, path: path)
        }
    }

    private static func member(
        _ key: String, _ path: String, _ kind: TypedValue.Kind
    ) -> TypedValue.Member {
        TypedValue.Member(
            key: key, keyPlace: place,
            value: TypedValue(kind: kind, place: place, path: path.isEmpty ? key : "\(path).\(key)")
        )
    }

    private static func value(_ kind: TypedValue.Kind) -> TypedValue {
        TypedValue(kind: kind, place: place, path: "servers.host")
    }
}
