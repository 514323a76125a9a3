import Glibc
import InterlockCommandLine
import InterlockCredentials
import InterlockDeployment
import InterlockHosts
import InterlockJSON
import InterlockLedger
import InterlockLogReading
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockStore

extension Command {
    static let inventory = Command(
        "inventory", "list every tool and connector, and servers that bypass the gateway",
        example: "interlock inventory --json",
        options: [
            .directory, .json,
            Option(
                "--folder DIR",
                "look for a project's MCP configuration here (default: the current folder)"),
        ],
        exits: [.no, .data, .notFound, .io],
        notes: """
            Each tool of the policy with its class, whether its server has pinned it, who is granted it, and when it was
            last called; then what is pinned and in no policy, and where a class and the server's own annotations
            disagree. Then the files of Claude Code, Claude Desktop, Cursor, VS Code, Codex and Gemini CLI, of this user
            and of the folder. An entry leads to the gateway when it starts this program with the address of DIR's
            gateway, as `connect` writes it. Then the processes that are connected to a server of the policy, or are
            the program of one, and that no gateway started; and known agents that run without the gateway. Exit 1: a
            host or a process reaches a server past the gateway, or a file cannot be read. What other users have
            configured, their connections (unless root asks) and other machines are not seen.
            """
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let lock = try LockFile.read(deployment.lock)
        let policy = try LoadedPolicy.load(
            deployment.policy, lock: lock, at: SystemClock().now.wall
        ).snapshot
        let calls = try ToolUse.read(invocation)
        let isJSON = invocation.has("json")
        for row in InventoryRow.all(policy, lock.lock, calls) {
            isJSON ? Output.json(row.json) : Output.line(row.text)
        }
        let folder = invocation["folder"] ?? "."
        let found = HostSearch.run(
            home: environment("HOME"), folder: folder, relay: HostRelay(deployment))
        for one in found {
            isJSON ? Output.json(one.json) : Output.line(one.line(isGoverned: one.isGoverned))
        }
        let running = RunningBypass.all(policy, gateway: HostRelay(deployment).gateway)
        for one in running { isJSON ? Output.json(one.json) : Output.line(one.text) }
        let open = found.count { !$0.isGoverned }
        let uses = running.count(where: \.isUse)
        if open > 0, !isJSON {
            Output.error("interlock: \(open) servers are reached past the gateway")
            Output.error("  help: interlock init FILE, or interlock connect AGENT --write")
        }
        if uses > 0, !isJSON {
            Output.error("interlock: \(uses) processes use servers of the policy past the gateway")
            Output.error("  help: give these servers credentials that the gateway alone has")
        }
        return open == 0 && uses == 0 ? .ok : .no
    }
}

/// The tools of policy and lock, as evidence packs list them: without their last calls.
func toolInventory(_ deployment: Deployment) throws -> [JSONValue] {
    let lock = try LockFile.read(deployment.lock)
    let policy = try LoadedPolicy.load(
        deployment.policy, lock: lock, at: SystemClock().now.wall
    ).snapshot
    return InventoryRow.all(policy, lock.lock, ToolUse(last: [:])).map { row -> JSONValue in
        var object = row.json.object ?? [:]
        object["last_call"] = nil
        return .object(object)
    }
}

/// The time of each tool's last call, by the tool's wire name.
private struct ToolUse {
    let last: [String: Timestamp]

    /// Reads the whole log of the deployment without verifying proofs; `audit query` verifies them.
    static func read(_ invocation: Invocation) throws -> ToolUse {
        var last: [String: Timestamp] = [:]
        try AuditLog(invocation).scan { entry in
            guard let record = entry.record, record.type == RecordType.callIntent.rawValue,
                let tool = record.object["tool"]?.string, let time = record.object["ts"]?.integer
            else { return true }
            last[tool] = Timestamp(microseconds: time)
            return true
        }
        return ToolUse(last: last)
    }
}

/// One tool of one server according to policy, lock and log.
private struct InventoryRow {
    let address: ToolAddress
    /// Is nil for a pinned tool that is not in the policy and that no agent can be granted.
    let toolClass: ToolClass?
    let effects: [String]
    let pin: String?
    let agents: [String]
    let last: Timestamp?
    /// The disagreement between the policy and the annotations, if any.
    let remark: String?
    let connector: String

    static func all(
        _ policy: PolicySnapshot, _ lock: PolicyLock?, _ use: ToolUse
    ) -> [InventoryRow] {
        var rows: [InventoryRow] = []
        let now = SystemClock().now.wall
        let visible = policy.agents.keys.sorted().map { agent in
            (agent.text, Set(policy.visibleTools(for: agent, stage: .trusted, at: now)))
        }
        for server in policy.servers.values.sorted(by: { $0.name < $1.name }) {
            let pinned = lock?.servers[server.name]?.tools ?? [:]
            for tool in Set(server.tools.keys).union(pinned.keys).sorted() {
                let address = ToolAddress(server: server.name, tool: tool)
                let entry = server.tools[tool]
                rows.append(
                    InventoryRow(
                        address: address, toolClass: entry?.toolClass,
                        effects: entry.map { $0.effects.effects.map(\.name) } ?? [],
                        pin: pinned[tool]?.pin.prefixed,
                        agents: visible.filter { $0.1.contains(address) }.map(\.0),
                        last: use.last[address.wireName],
                        remark: remark(entry?.toolClass, pinned[tool]),
                        connector: connector(server)))
            }
        }
        return rows
    }

    private static func connector(_ server: ServerEntry) -> String {
        switch server.connect {
        case .http(let url): url
        case .stdio(let argv): argv.first ?? ""
        case nil: "-"
        }
    }

    private static func remark(_ toolClass: ToolClass?, _ tool: LockedTool?) -> String? {
        guard let toolClass, let tool else { return nil }
        let claimsRead = tool.definition["annotations"]?["readOnlyHint"] == true
        if tool.override != nil { return "the lock overrides its annotations" }
        if claimsRead, toolClass != .read { return "it says that it is read-only" }
        if toolClass == .read, !claimsRead { return "read by the policy alone: it does not say so" }
        return nil
    }

    private var access: String {
        toolClass.map { $0 == .read ? "read-only" : "read-write" } ?? "not in the policy"
    }

    var text: String {
        let granted = agents.isEmpty ? "none" : agents.joined(separator: ",")
        return "\(address.description.padded(to: 36)) \(access.padded(to: 18)) "
            + "\((toolClass?.rawValue ?? "-").padded(to: 12)) \((pin == nil ? "no pin" : "pinned").padded(to: 7)) "
            + "\(granted.padded(to: 20)) last call \(last?.rfc3339(fractionDigits: 0) ?? "never")"
            + (remark.map { "  (\($0))" } ?? "")
    }

    var json: JSONValue {
        [
            "kind": "tool", "server": .string(address.server.text),
            "tool": .string(address.tool.text), "access": .string(access),
            "class": toolClass.map { .string($0.rawValue) } ?? .null,
            "effects": .array(effects.map(JSONValue.string)),
            "pin": pin.map { .string($0) } ?? .null, "agents": .array(agents.map(JSONValue.string)),
            "last_call": last.map { .string($0.rfc3339(fractionDigits: 0)) } ?? .null,
            "remark": remark.map { .string($0) } ?? .null, "connector": .string(connector),
        ]
    }
}

extension HostSearch.Found {
    fileprivate func line(isGoverned: Bool) -> String {
        let state = isGoverned ? "through the gateway" : "UNMANAGED"
        return
            "\(TerminalEscaping.shown(path)):\(line): \(TerminalEscaping.shown(name ?? "-")) of \(kind.title): "
            + state + (text.isEmpty ? "" : " (\(TerminalEscaping.shown(text)))")
    }

    fileprivate var json: JSONValue {
        [
            "kind": "host", "host": .string(kind.rawValue), "path": .string(path),
            "line": .integer(Int64(line)), "name": name.map { .string($0) } ?? .null,
            "managed": .bool(isGoverned), "runs": .string(text),
        ]
    }
}
