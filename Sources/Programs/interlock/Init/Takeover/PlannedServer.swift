import InterlockCommandLine
import InterlockHosts
import InterlockJSON
import InterlockModel

/// A server with its transport: a command in the sandbox, or HTTP.
struct PlannedServer {
    let name: ServerName
    var way: Transport
    /// Remarks for the person who decides whether to start it.
    let remarks: [String]
    /// The variables of this shell whose values go into each variable of the server, or into its header.
    var borrowed: [String: Set<String>] = [:]
    /// The entries that define it: the same server in two files is one server.
    var places: [Location]

    struct Location: Hashable {
        let source: Int
        let entry: Int
    }

    enum Transport: Hashable {
        case program(Program)
        case remote(url: String, header: HostEntry.Setting?)
    }

    struct Program: Hashable {
        var argv: [String]
        /// Variables whose values appear in the policy.
        var plain: [String: String] = [:]
        /// Variables and values that are written to files of their own.
        var secrets: [String: String] = [:]
        /// Paths that the sandbox opens for reading.
        var readable: [String] = []
        var network = ServerNetwork.own
    }

    /// Is true if it is a program that is started without the machine's network.
    var isOffline: Bool {
        if case .program(let program) = way { program.network == .own } else { false }
    }

    /// The same program with the machine's network.
    var online: PlannedServer {
        guard case .program(var program) = way else { return self }
        program.network = .host
        var server = self
        server.way = .program(program)
        return server
    }

    /// The name of the secret for a variable of the server, or for an agent's header.
    func secretName(_ variable: String) -> String { "\(name)-\(variable)" }

    /// Name and value of each secret, sorted.
    func secrets(for agents: [AgentName]) -> [(name: String, value: String)] {
        switch way {
        case .program(let program):
            program.secrets.sorted { $0.key < $1.key }.map { (secretName($0.key), $0.value) }
        case .remote(_, let header?): agents.map { (secretName($0.text), header.value) }
        case .remote(_, nil): []
        }
    }

    /// - Parameter agents: the agents that call it, each with its own credential.
    func draft(for agents: [AgentName]) -> DraftPolicy.Server {
        switch way {
        case .program(let program): return DraftPolicy.Server(name: name, connect: connect(program))
        case .remote(let url, let header):
            var server = DraftPolicy.Server(name: name, connect: ["http": .string(url)])
            server.credentials =
                header.map { header in
                    agents.map {
                        DraftPolicy.Credential(
                            agent: $0, header: header.name, secret: secretName($0.text))
                    }
                } ?? []
            return server
        }
    }

    private func connect(_ program: Program) -> JSONValue {
        var sandbox: JSONObject = ["profile": "mcp"]
        if program.network != .own { sandbox["network"] = .string(program.network.rawValue) }
        if !program.readable.isEmpty {
            sandbox["read"] = .array(program.readable.map(JSONValue.string))
        }
        if !program.plain.isEmpty {
            sandbox["env"] = .object(
                JSONObject(
                    distinct: program.plain.sorted { $0.key < $1.key }
                        .map { ($0.key, .string($0.value)) }))
        }
        if !program.secrets.isEmpty {
            sandbox["secrets"] = .array(
                program.secrets.keys.sorted().map {
                    ["name": .string($0), "from": .string("files:" + secretName($0)), "as": "env"]
                })
        }
        return ["stdio": .array(program.argv.map(JSONValue.string)), "sandbox": .object(sandbox)]
    }

    /// The description that is shown before it is started. Secrets appear by name only.
    var lines: [String] {
        var lines: [String] = []
        switch way {
        case .program(let program):
            lines.append("  command: " + program.argv.map(Self.word).joined(separator: " "))
            if program.readable.isEmpty {
                lines.append("  reads:   nothing of yours")
            } else {
                lines.append("  reads:   " + program.readable.map(Self.word).joined(separator: " "))
            }
            lines.append(
                program.network == .own
                    ? "  network: none" : "  network: the machine's, every port and host of it")
            for (name, value) in program.plain.sorted(by: { $0.key < $1.key }) {
                lines.append("  sets:    \(name)=\(Self.word(value))\(origin(of: name))")
            }
            for name in program.secrets.keys.sorted() {
                lines.append(
                    "  secret:  \(name), from secrets/\(secretName(name))\(origin(of: name))")
            }
        case .remote(let url, let header):
            lines.append("  url:     \(TerminalEscaping.shown(url))")
            if let header {
                lines.append("  secret:  the header \(header.name)\(origin(of: header.name))")
            }
        }
        return lines + remarks.map { "  note:    " + TerminalEscaping.shown($0) }
    }

    /// Names the person's own variables whose values the server receives.
    private func origin(of name: String) -> String {
        guard let names = borrowed[name], !names.isEmpty else { return "" }
        return ", with your " + names.sorted().map { "$" + $0 }.joined(separator: " and ")
    }

    /// Quotes a word as a shell would, so that its end is visible.
    private static func word(_ text: String) -> String {
        let shown = TerminalEscaping.shown(text)
        let isBare =
            !shown.isEmpty
            && shown.utf8.allSatisfy { byte in
                (0x30...0x39).contains(byte) || (0x41...0x5a).contains(byte)
                    || (0x61...0x7a).contains(byte) || "/._-+=:@%,".utf8.contains(byte)
            }
        guard !isBare else { return shown }
        return "'"
            + shown.split(separator: "'", omittingEmptySubsequences: false)
            .joined(separator: "'\\''") + "'"
    }
}
