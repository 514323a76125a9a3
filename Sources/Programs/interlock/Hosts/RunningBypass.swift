import Glibc
import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockTransport

/// A process that uses a server of the policy past the gateway, or an agent program without the gateway (R074).
struct RunningBypass {
    enum Kind: String {
        /// It is connected to the address of a server.
        case connection
        /// It is the program of a server on stdio, and the gateway did not start it.
        case server
        /// It is the program of a known agent, and neither it nor what it started uses the gateway.
        case agent
    }

    let kind: Kind
    let process: ProcessTable.Entry
    let server: ServerName?

    /// The names of programs that are agents.
    static let agents: Set<String> = [
        "aider", "claude", "codex", "copilot", "cursor-agent", "gemini", "goose", "opencode",
    ]

    /// True for a use that the gateway should have decided. An agent without the gateway may use no server at all.
    var isUse: Bool { kind != .agent }

    /// Returns what runs now, by kind and process.
    ///
    /// - Parameter gateway: the URL of the gateway's agents.
    static func all(_ policy: PolicySnapshot, gateway: String) -> [RunningBypass] {
        let table = ProcessTable()
        let own = OwnProcesses(table)
        let urls = policy.servers.values.compactMap { server in
            if case .http(let url) = server.connect { url } else { nil }
        }
        let connected = ConnectedProcesses(to: urls + [gateway])
        var found: [RunningBypass] = []
        for server in policy.servers.values.sorted(by: { $0.name < $1.name }) {
            let kind: Kind
            let running: [ProcessTable.Entry]
            switch server.connect {
            case .http(let url):
                kind = .connection
                running = connected[url].compactMap { table.entries[$0] }
            case .stdio(let words):
                kind = .server
                running = table.entries.values.filter { isSame($0.arguments, words) }
            case nil: continue
            }
            found += running.filter { !own.started($0.process) }
                .sorted { $0.process < $1.process }
                .map { RunningBypass(kind: kind, process: $0, server: server.name) }
        }
        let governed = Set(
            connected[gateway].union(own.all).flatMap { table.line(of: $0).map(\.process) })
        let agents = table.entries.values.filter { entry in
            agentName(of: entry) != nil && !governed.contains(entry.process)
        }
        return found
            + agents.sorted { $0.process < $1.process }.map {
                RunningBypass(kind: .agent, process: $0, server: nil)
            }
    }

    /// The name of the agent whose program this is: the program itself, or the script of an interpreter.
    static func agentName(of entry: ProcessTable.Entry) -> String? {
        let words = entry.arguments.prefix(2).map(ProcessTable.lastPart)
        guard let first = words.first else { return nil }
        if agents.contains(first) { return first }
        let isInterpreter = first.hasPrefix("node") || first.hasPrefix("python") || first == "bun"
        guard isInterpreter, words.count > 1, agents.contains(words[1]) else { return nil }
        return words[1]
    }

    /// Returns whether a process runs this command; the program may be named by another path.
    private static func isSame(_ arguments: [String], _ words: [String]) -> Bool {
        // An interpreter may come before a script that the policy names. A single word says little as an argument.
        guard arguments.count >= words.count, words.count > 1 || arguments.count <= 2 else {
            return false
        }
        let own = arguments.suffix(words.count)
        return zip(own, words).enumerated().allSatisfy { place, pair in
            place == 0
                ? ProcessTable.lastPart(of: pair.0) == ProcessTable.lastPart(of: pair.1)
                : pair.0 == pair.1
        }
    }

    var text: String {
        let target = server.map { " server \($0.text)" } ?? ""
        let use =
            switch kind {
            case .connection: "is connected past the gateway to"
            case .server: "is, past the gateway, the"
            case .agent: "is an agent without the gateway"
            }
        return "process \(process.process) (\(TerminalEscaping.shown(process.name)), user "
            + "\(process.user)) \(use)\(target): UNMANAGED"
    }

    /// Arguments are left out, because they may contain secrets.
    var json: JSONValue {
        [
            "kind": "process", "use": .string(kind.rawValue),
            "pid": .integer(Int64(process.process)), "uid": .integer(Int64(process.user)),
            "program": .string(process.name), "server": server.map { .string($0.text) } ?? .null,
            "managed": false,
        ]
    }
}

/// The processes that are connected to the servers of some URLs. The machine's tables are read once for all of them.
private struct ConnectedProcesses {
    private let processes: [SocketProcesses.ServerAddress: Set<Int32>]
    private let addresses: [String: Set<SocketProcesses.ServerAddress>]

    init(to urls: [String]) {
        addresses = Dictionary(
            urls.map { ($0, SocketProcesses.addresses(of: $0) ?? []) },
            uniquingKeysWith: { first, _ in first })
        processes = SocketProcesses().processes(
            connectedTo: addresses.values.reduce(into: []) { $0.formUnion($1) })
    }

    /// - Parameter url: one of the URLs given.
    subscript(url: String) -> Set<Int32> {
        addresses[url, default: []].reduce(into: []) { $0.formUnion(processes[$1] ?? []) }
    }
}

/// The processes of this program, whatever its deployment, and what they started.
private struct OwnProcesses {
    private let table: ProcessTable
    let all: Set<Int32>

    init(_ table: ProcessTable) {
        self.table = table
        let folder = File.realPath("/proc/self/exe").map(Self.folder)
        all = Set(
            table.entries.values.filter { entry in
                let path = entry.executable ?? entry.arguments.first ?? ""
                return ProcessTable.lastPart(of: path).hasPrefix("interlock")
                    && Self.folder(path) == folder
            }.map(\.process))
    }

    func started(_ process: Int32) -> Bool {
        table.line(of: process).contains { all.contains($0.process) }
    }

    private static func folder(_ path: String) -> String {
        String(path.dropLast(ProcessTable.lastPart(of: path).count))
    }
}
