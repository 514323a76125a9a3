import InterlockHosts
import InterlockJSON

extension Invariants {
    /// A host's file is read with its comments. Leading its servers to the gateway, or adding a server, changes nothing
    /// else in the file.
    package static func hosts(_ bytes: [UInt8]) {
        let relay = RelayCommand(
            program: "/usr/bin/interlock", gateway: "http://127.0.0.1:7400/mcp",
            tokenFile: "/tokens/a", server: "one")
        for kind in [HostKind.claudeCode, .vscode] {
            guard let file = try? HostFile(parsing: bytes, kind: kind) else { continue }
            precondition(file.leading([:]) == bytes, "what is not edited stays")
            var relays: [Int: RelayCommand] = [:]
            for (place, entry) in file.entries.enumerated() {
                if case .refused = entry.definition { continue }
                relays[place] = relay
            }
            guard let led = try? HostFile(parsing: file.leading(relays), kind: kind) else {
                preconditionFailure("an edited file is read")
            }
            precondition(led.entries.count == file.entries.count, "no entry comes or goes")
            for (place, entry) in led.entries.enumerated() {
                precondition(entry.name == file.entries[place].name, "names and order stay")
                guard relays[place] != nil else { continue }
                precondition(entry.relay == relay, "an entry that is led runs the relay")
                precondition(others(entry) == others(file.entries[place]), "the host's own stays")
            }
            let more = try? HostFile(parsing: file.adding("interlock-new", relay), kind: kind)
            precondition(
                more?.entries.contains { $0.name == "interlock-new" } == true, "it is added")
        }
        let codex = CodexFile(bytes)
        if let added = codex.adding("interlock-new", relay) {
            precondition(added.starts(with: bytes), "a section is only added")
            precondition(
                CodexFile(added).entries.contains {
                    $0.name == "interlock-new" && $0.relay == relay
                },
                "it is found again")
        }
        let text = String(decoding: bytes, as: UTF8.self)
        // `${env:X}` and `${X}` name the same variable.
        let filled = try? HostText(text).filled { "${" + inside($0) + "}" }
        precondition(filled.map(HostText.init) == HostText(text), "a text is its parts")
        _ = SecretHeuristic.place(in: text.split(separator: " ").map(String.init))
    }

    /// The members that do not configure the connection.
    private static func others(_ entry: HostEntry) -> [String: JSONValue] {
        let connection: Set<String> = [
            "command", "args", "env", "envFile", "cwd", "url", "headers", "type", "transport",
        ]
        var members: [String: JSONValue] = [:]
        for (key, value) in entry.node.value.object?.members ?? []
        where !connection.contains(key) { members[key] = value }
        return members
    }

    private static func inside(_ variable: HostVariable) -> String {
        switch variable {
        case .environment(let name, let standIn?): "\(name):-\(standIn)"
        case .environment(let name, nil): name
        case .input(let name): "input:\(name)"
        case .workspaceFolder: "workspaceFolder"
        case .userHome: "userHome"
        case .unknown(let text): text
        }
    }
}
