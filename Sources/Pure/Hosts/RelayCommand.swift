import InterlockJSON

/// The command by which a host reaches the gateway over stdio. The token is in a file, never in the command.
package struct RelayCommand: Sendable, Hashable {
    package let program: String
    package let gateway: String
    package let tokenFile: String
    package let server: String?

    /// - Parameters:
    ///   - program: the path of `interlock`.
    ///   - gateway: the agent plane's address.
    ///   - server: the only server to offer, under its own tool names; nil offers all servers.
    package init(program: String, gateway: String, tokenFile: String, server: String?) {
        self.program = program
        self.gateway = gateway
        self.tokenFile = tokenFile
        self.server = server
    }

    /// Recognises a relay of exactly the form that `arguments` writes; returns nil for anything else, so that no
    /// command is taken for a relay by its name.
    package init?(program: String, arguments: [String]) {
        guard [5, 7].contains(arguments.count), arguments[0] == "stdio",
            arguments[1] == "--gateway", arguments[3] == "--token-file",
            arguments.count == 5 || arguments[5] == "--server"
        else { return nil }
        self.init(
            program: program, gateway: arguments[2], tokenFile: arguments[4],
            server: arguments.count == 7 ? arguments[6] : nil)
    }

    package var arguments: [String] {
        ["stdio", "--gateway", gateway, "--token-file", tokenFile]
            + (server.map { ["--server", $0] } ?? [])
    }

    package var commandJSON: String { text(.string(program)) }
    package var argumentsJSON: String { text(.array(arguments.map(JSONValue.string))) }

    /// Returns the value of an entry in a host's JSON file.
    package func entryJSON(_ kind: HostKind) -> String {
        let type = kind == .vscode ? "\"type\": \"stdio\", " : ""
        return "{\(type)\"command\": \(commandJSON), \"args\": \(argumentsJSON)}"
    }

    /// Returns a section of Codex's `config.toml`. A JSON string is a valid TOML 1.0 basic string, because both have
    /// the same escapes, as long as no character beyond U+FFFF is escaped, which the writer never does.
    package func entryTOML(_ name: String) -> String {
        """
        [mcp_servers.\(name)]
        command = \(commandJSON)
        args = \(argumentsJSON)

        """
    }

    private func text(_ value: JSONValue) -> String {
        let compact = String(decoding: value.serialized(), as: UTF8.self)
        guard let elements = value.array else { return compact }
        return "["
            + elements.map { String(decoding: $0.serialized(), as: UTF8.self) }
            .joined(separator: ", ") + "]"
    }
}
