import InterlockJSON
import InterlockKeys
import InterlockLedger
import InterlockModel
import InterlockStore

extension Command {
    static let status = Command(
        "status [AGENT]", "what runs and what is not sound; with AGENT, the three questions",
        options: [.directory, .json],
        exits: [.notFound, .unavailable],
        notes: "What is AGENT allowed to do, how is that enforced, what did it actually do."
    ) { invocation in
        let deployment = try Deployment.open(invocation)
        let client = GatewayClient(deployment)
        guard let agent = invocation.positional.first else {
            guard var status = try client.get("/v1/status").object else { return .internalError }
            status["elevations"] = try client.get("/v1/elevations")["elevations"]
            status["user"] = GatewayUser(of: deployment)?.json
            return show(.object(status), invocation)
        }
        guard AgentName(agent) != nil else {
            throw Failure(.notFound, "`\(agent)` is no name of an agent")
        }
        guard var answer = try client.get("/v1/status/\(agent)").object else {
            return .internalError
        }
        answer["did"] = try Deeds(of: agent, deployment).json
        return show(agent: .object(answer), invocation)
    }
}

/// The activity of an agent, counted from the files of the log.
private struct Deeds {
    private var counts: [String: Int] = [:]
    private var last: [JSONValue] = []

    init(of agent: String, _ deployment: Deployment) throws {
        let reader = LedgerReader(
            directory: deployment.ledger, payloads: deployment.payloads,
            hashing: OpenSSLHashing())
        var counts: [String: Int] = [:]
        var last: [JSONValue] = []
        do throws(LedgerFailure) {
            try reader.scan { entry in
                guard let record = entry.record, record.text("agent") == agent else { return true }
                counts[record.type, default: 0] += 1
                guard record.type.hasPrefix("call.") else { return true }
                last.append([
                    "index": .integer(Int64(clamping: entry.index)), "type": .string(record.type),
                    "tool": record["tool"] ?? .null,
                    "code": record["code"] ?? record["dec"] ?? .null,
                    "rule": record["rule"] ?? .null,
                ])
                if last.count > 20 { last.removeFirst() }
                return true
            }
        } catch {
            throw Failure(error)
        }
        self.counts = counts
        self.last = last
    }

    var json: JSONValue {
        var object = JSONObject()
        for (type, count) in counts.sorted(by: { $0.key < $1.key }) {
            object[type] = .integer(Int64(count))
        }
        return ["records": .object(object), "last": .array(last)]
    }
}

private func show(_ status: JSONValue, _ invocation: Invocation) -> Exit {
    if invocation.has("json") {
        Output.json(status)
        return .ok
    }
    let ledger = status["ledger"]
    Output.line("organisation  \(status["org"]?.string ?? "-")")
    Output.line(
        "policy        \(status["policy"]?.string ?? "-"), \(status["agents"]?.integer ?? 0) agents"
    )
    if let bounds = status["user"]?["bounds"]?.string {
        Output.line("user          \(TerminalEscaping.shown(bounds))")
    }
    showLock(status)
    showPolicy(status)
    Output.line(
        "ledger        \(ledger?["records"]?.integer ?? 0) records, root \(ledger?["root"]?.string ?? "-")"
    )
    let context = status["context"]
    Output.line(
        "context       given with \(context?["with"]?.integer ?? 0) calls, not with "
            + "\(context?["without"]?.integer ?? 0)")
    if let refusing = ledger?["refusing"]?.string {
        Output.line("              takes no permits: \(refusing)")
    }
    Output.line("              \(ledger?["memory"]?.string ?? "")")
    if let lint = ledger?["lint"]?.string { Output.line("              \(lint)") }
    showPayloadKeys(status["payload_keys"])
    for server in status["servers"]?.array ?? [] {
        let reason = server["reason"]?.string.map { ": " + TerminalEscaping.shown($0) } ?? ""
        let tools = server["tools"]?.integer.map { ", \($0) tools" } ?? ""
        let strays = server["stray_answers"]?.integer.map { ", \($0) answers to no request" } ?? ""
        Output.line(
            "server        \(server["server"]?.string ?? "-") \(server["state"]?.string ?? "-")\(tools)\(strays)\(reason)"
        )
        if let weak = server["weak"]?.string { Output.line("              WEAK: \(weak)") }
        for hidden in server["hidden"]?.array ?? [] {
            Output.line("              hidden: \(TerminalEscaping.shown(hidden.string ?? ""))")
        }
    }
    Output.line(
        "waiting       \(status["approvals_pending"]?.integer ?? 0) approvals, \(status["in_flight"]?.integer ?? 0) calls in flight"
    )
    showConsole(status["console"])
    Output.line("runs          \(status["runs"]?["open"]?.integer ?? 0) open")
    showChannels(status["channels"])
    for halt in status["halts"]?.array ?? [] {
        Output.line(
            "HALTED        \(halt["scope"]?.string ?? "-") \(halt["target"]?.string ?? "-") by \(halt["id"]?.string ?? "-"): "
                + TerminalEscaping.shown(halt["reason"]?.string ?? ""))
    }
    for use in status["break_glass"]?["unreviewed"]?.array ?? [] {
        let state = use["overdue"]?.bool == true ? "FAILING       " : "review        "
        Output.line(
            state
                + "break-glass at \(use["request"]?.string ?? "-") waits for another person until "
                + (use["due"]?.string ?? "-"))
    }
    for part in status["not_enforced"]?.array ?? [] {
        Output.line("guidance      \(part.string ?? ""): not enforced by this version")
    }
    return .ok
}

private func showConsole(_ console: JSONValue?) {
    guard let url = console?["url"]?.string else {
        Output.line("console       none: people decide on the command line alone")
        return
    }
    Output.line("console       \(url)")
    for key in ["problem", "missing"] {
        if let words = console?[key]?.string { Output.line("              \(words)") }
    }
}

private func showChannels(_ channels: JSONValue?) {
    for channel in channels?.array ?? [] {
        func count(_ name: String) -> Int64 { channel[name]?.integer ?? 0 }
        Output.line(
            "channel       \(channel["channel"]?.string ?? "-"): \(count("waiting")) alerts wait, "
                + "\(count("delivered")) delivered, \(count("undelivered")) given up")
        if let problem = channel["problem"]?.string {
            let since = channel["since"]?.string ?? "-"
            Output.line("              FAILS since \(since): \(TerminalEscaping.shown(problem))")
        }
    }
}

/// Prints faults of payload keys. Prints nothing if all keys are available.
private func showPayloadKeys(_ keys: JSONValue?) {
    if let lost = keys?["lost_runs"]?.integer, lost > 0 {
        Output.line(
            "PAYLOAD KEYS  of \(lost) runs are gone: nothing more is permitted to these runs")
    }
    if let fault = keys?["fault"]?.string {
        Output.line("PAYLOAD KEYS  a key could not be kept: \(TerminalEscaping.shown(fault))")
    }
}

private func showLock(_ status: JSONValue) {
    let standing = status["policy_load"]?["lock"]
    let reason = TerminalEscaping.shown(standing?["reason"]?.string ?? "-")
    let signers = (standing?["by"]?.array ?? []).compactMap(\.string).joined(separator: ", ")
    switch standing?["state"]?.string {
    case "absent": Output.line("FOUNDING      \(LockFile.founding)")
    case "refused": Output.line("LOCK          no server is offered: \(reason)")
    case "unsigned":
        Output.line("lock          \(status["lock"]?.string ?? "-")")
        Output.line("FOUNDING      \(reason)")
    default:
        Output.line(
            "lock          \(status["lock"]?.string ?? "-")"
                + (signers.isEmpty ? "" : ", signed by \(signers)"))
    }
}

/// Prints warnings about the policy's sign-off and last reload, and the elevations.
private func showPolicy(_ status: JSONValue) {
    let load = status["policy_load"]
    if load?["founding"]?.bool == true {
        Output.line(
            "FOUNDING      no revision was ever signed off: whoever can write the policy decides")
        Output.line(
            "              no agent is above supervised; sign with `interlock policy diff --sign`")
    }
    if let basis = load?["sign_off"]?.string, ["founding", "single"].contains(basis) {
        Output.line("ALONE         the author alone has signed the policy off (\(basis))")
    }
    if let reload = load?["last_reload"], reload["outcome"]?.string == "refused" {
        Output.line(
            "RELOAD        refused at \(reload["at"]?.string ?? "-"); the old policy stays:")
        Output.line("              " + TerminalEscaping.shown(reload["message"]?.string ?? "-"))
    }
    for elevation in status["elevations"]?.array ?? [] {
        Output.line(
            "elevation     \(elevation["id"]?.string ?? "-") of \(elevation["agent"]?.string ?? "-"), "
                + "\(elevation["state"]?.string ?? "-") until \(elevation["until"]?.string ?? "-")")
    }
}

private func show(agent status: JSONValue, _ invocation: Invocation) -> Exit {
    if invocation.has("json") {
        Output.json(status)
        return .ok
    }
    func text(_ key: String) -> String { TerminalEscaping.shown(status[key]?.string ?? "-") }
    Output.line("\(text("agent")): \(text("purpose"))")
    Output.line(
        "owner \(text("owner")), tier \(text("tier")), stage \(text("stage")), review by \(text("review_by")), \(text("at"))"
    )
    Output.line("workload \(text("workload"))")
    if let halt = status["halted"]?.string { Output.line("HALTED by \(halt)") }
    let held = (status["held"]?.array ?? []).compactMap(\.string)
    if !held.isEmpty { Output.line("held at observe: \(held.joined(separator: " "))") }
    Output.line("\nWhat is it allowed to do?")
    for tool in status["tools"]?.array ?? [] {
        let group = tool["group"]?.string.map { " by \($0)" } ?? ""
        Output.line(
            "  \((tool["tool"]?.string ?? "-").padded(to: 32)) \((tool["verdict"]?.string ?? "-").padded(to: 10))\(group) "
                + "(\(tool["rule"]?.string ?? "-"), \(tool["at"]?.string ?? "-"))")
    }
    Output.line("\nHow is that enforced?")
    for control in status["enforced_by"]?.array ?? [] {
        Output.line(
            "  \((control["control"]?.string ?? "-").padded(to: 56)) \(control["at"]?.string ?? "-")"
        )
    }
    for part in status["not_enforced"]?.array ?? [] {
        Output.line(
            "  \((part.string ?? "").padded(to: 56)) guidance: not enforced by this version")
    }
    Output.line("\nWhat did it actually do?")
    for (type, count) in status["did"]?["records"]?.object?.members ?? [] {
        Output.line("  \(type.padded(to: 24)) \(count.integer ?? 0)")
    }
    for call in status["did"]?["last"]?.array ?? [] {
        Output.line(
            "  \(String(call["index"]?.integer ?? 0).padded(to: 8)) \((call["type"]?.string ?? "-").padded(to: 14)) "
                + "\(call["tool"]?.string ?? "") \(call["code"]?.string ?? "") \(call["rule"]?.string ?? "")"
        )
    }
    return .ok
}
