import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPorts
import InterlockSandbox

extension Command {
    static let serversPin = Command(
        "servers pin [SERVER...]",
        "compare the live servers with interlock.lock; with --accept, write and sign it",
        example: "interlock servers pin crm --accept --as ada@acme.example",
        options: [
            .directory, .json, .person, .key,
            Option("--accept", "write the lock as shown, signed by --as with --key"),
            Option("--tool TOOL", "accept this tool of the one SERVER alone", isRepeatable: true),
            Option(
                "--accept-findings",
                "accept what the scanner has marked in names, descriptions and schemas"),
            Option(
                "--alias TOOL=NAME", "offer the tool under this name at /mcp", isRepeatable: true),
            Option(
                "--server-json FILE",
                "name, version and digest of the one SERVER are those of this file"),
            Option(
                "--override TOOL=CLASS",
                "the annotations claim too much: at least this class, with --reason",
                isRepeatable: true),
            .reason,
        ],
        exits: [.no, .data, .notFound, .unavailable, .io, .notPermitted],
        notes: """
            Without SERVER all servers of the policy are asked, and entries that it no longer has go.
            Marked with ? are hidden characters, words that tell an assistant what to do, names of other
            tools and the like, in what is new or differs.
            Who accepts has read what is shown, and signs it. It counts when an owner of the policy or
            somebody with the role security signs; a second person runs the same command. Sign the lock
            before the policy: a sign-off covers it. A gateway that runs takes the new lock as it takes a
            new policy. Exit 0: nothing differs, or the lock is written. 1: something differs, the policy
            does not fit, or the signature does not count.
            """
    ) { invocation in
        try hardenProcess()
        let deployment = try Deployment.open(invocation)
        return try await Pinning(deployment, deployment.policyWithoutLock(), invocation).run()
    }

    static let serversList = Command(
        "servers list", "list the servers of the policy, their pins and state",
        example: "interlock servers list",
        options: [.directory, .json],
        exits: [.data, .notFound],
        notes: """
            Name, transport, protocol and version as reviewed, pins, state, how it is reached. The state is that
            of the running gateway; without one it is `-`.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let policy = try deployment.policyWithoutLock().snapshot
        let lock = try LockFile.read(deployment.lock).lock
        let status = try? GatewayClient(deployment).get("/v1/status")
        let rows = policy.servers.values.sorted { $0.name < $1.name }.map { server in
            let live = status?["servers"]?.array?.first { $0["server"]?.string == server.name.text }
            return ServerRow(server: server, entry: lock?.servers[server.name], live: live).json
        }
        invocation.print(table: rows, ServerRow.columns, nothing: "the policy has no servers")
        if lock == nil, !invocation.isJSON { Output.line("FOUNDING: " + LockFile.founding) }
        return .ok
    }
}

/// Keeps other processes of this user from reading the memory in which secrets of servers are.
func hardenProcess() throws(Failure) {
    do throws(LaunchFailure) { try ProcessHardening.makeUndumpable() } catch {
        throw Failure(.internalError, error.reason)
    }
}

extension Deployment {
    /// The policy as of now, without the reviewed tools.
    func policyWithoutLock() throws(Failure) -> LoadedPolicy {
        try LoadedPolicy.load(policy, lock: .ignored, at: SystemClock().now.wall)
    }
}

/// One line of `servers list`.
private struct ServerRow {
    let server: ServerEntry
    let entry: LockedServer?
    /// The server's entry in the gateway's status.
    let live: JSONValue?

    private var connect: String {
        switch server.connect {
        case .http(let url): url
        case .stdio(let argv): argv.joined(separator: " ")
        case nil: "-"
        }
    }
    private var transport: String {
        switch server.connect {
        case .http: "http"
        case .stdio: "stdio"
        case nil: "-"
        }
    }
    private var state: String { live?["state"]?.string ?? "-" }

    static let columns = [
        Column("SERVER", "server"), Column("TRANSPORT", "transport"),
        Column("PROTOCOL", "protocol"), Column("VERSION", "version"),
        Column("PINS") { row in row["pins"]?.integer.map { "\($0) pins" } ?? "no entry" },
        Column("STATE") { row in
            row.text("state") + (row["reason"]?.string == nil ? "" : " (\(row.text("reason")))")
        },
        Column("REACHED BY", "connect"),
    ]

    var json: JSONValue {
        [
            "server": .string(server.name.text), "transport": .string(transport),
            "connect": .string(connect),
            "pins": entry.map { .count($0.tools.count + $0.prompts.count) } ?? .null,
            "version": entry?.version.map { .string($0) } ?? .null,
            "protocol": entry.map { .string($0.protocolVersion) } ?? .null,
            "state": .string(state), "reason": live?["reason"] ?? .null,
            "hidden": live?["hidden"] ?? [],
        ]
    }
}
