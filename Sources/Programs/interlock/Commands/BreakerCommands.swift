import InterlockApprovals
import InterlockJSON
import InterlockModel

extension Command {
    static let breakers = Command(
        "breakers", "show which runs, servers and tools are held back",
        options: [.directory, .json],
        exits: [.no, .unavailable],
        notes: """
            A throttled run calls once in ten seconds; a paused one not at all until a person lets it go on
            (`interlock runs unpause`). An open server is not called until its time is over. Exit status 1 when
            anything is held back.
            """
    ) { invocation in
        let answer = try GatewayClient(try Deployment.open(invocation)).get("/v1/breakers")
        let runs = (answer["runs"]?.array ?? []).map { run in
            var line = run["hold"]?.object ?? [:]
            line["agent"] = run["agent"]
            return JSONValue.object(line)
        }
        let servers = (answer["servers"]?.array ?? []).map { breaker in
            var line: JSONObject = [:]
            line["name"] = breakerName(breaker).map(JSONValue.string)
            line["state"] = breaker["state"]
            line["until"] = breaker["until"]
            return JSONValue.object(line)
        }
        if invocation.has("json") {
            Output.json(["runs": .array(runs), "servers": .array(servers)])
        } else {
            for run in runs { Output.line(text(of: run, ["run", "agent", "state", "reason"])) }
            for server in servers { Output.line(text(of: server, ["name", "state"])) }
            if runs.isEmpty, servers.isEmpty { Output.line("nothing is held back") }
        }
        return runs.isEmpty && servers.isEmpty ? .ok : .no
    }

    static let breakersClose = Command(
        "breakers close SERVER[.TOOL]", "let one call try a server that is not called",
        options: [.directory, .reason, .json],
        exits: [.notFound, .unavailable, .notPermitted],
        notes: "Three calls that succeed close the breaker; one that fails opens it for longer."
    ) { invocation in
        let name = invocation.positional[0]
        guard ServerName(name) != nil || ToolAddress(dotted: name) != nil else {
            throw Failure(.notFound, "`\(TerminalEscaping.shown(name))` is no server and no tool")
        }
        let parts = name.split(separator: ".", maxSplits: 1).map(String.init)
        var body: JSONObject = ["reason": .string(try invocation.require("reason"))]
        if parts.count == 2 { body["tool"] = .string(parts[1]) }
        _ = try GatewayClient(try Deployment.open(invocation)).post(
            "/v1/servers/\(parts[0])/close-breaker", .object(body))
        invocation.has("json")
            ? Output.json(["name": .string(name), "state": "half-open"])
            : Output.line("\(name): half-open")
        return .ok
    }

    static let runsPause = Command(
        "runs pause RUN", "let no call of a run go on until a person says so",
        options: [.directory, .person, .key, .reason, .json],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes: "For the owner of its agent, and people with the role kill or resume."
    ) { try order(.pause, $0) }

    static let runsUnpause = Command(
        "runs unpause RUN", "let a paused run go on",
        options: [.directory, .person, .key, .reason, .json],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes: "For the owner of its agent, and people with the role resume."
    ) { try order(.unpause, $0) }
}

/// Returns `server` or `server.tool`.
private func breakerName(_ breaker: JSONValue) -> String? {
    guard let tool = breaker["tool"]?.string else { return breaker["server"]?.string }
    return breaker["server"]?.string.map { "\($0).\(tool)" }
}

private func text(of line: JSONValue, _ fields: [String]) -> String {
    let words = fields.compactMap { line[$0]?.string }.map(TerminalEscaping.shown)
    let until = line["until"]?.string.map { ["until \($0)"] } ?? []
    return (words + until).joined(separator: "  ")
}

/// Signs the order and sends it.
private func order(_ deed: RunOrder.Action, _ invocation: Invocation) throws -> Exit {
    guard let run = RunID(invocation.positional[0]) else {
        throw Failure(
            .notFound, "`\(TerminalEscaping.shown(invocation.positional[0]))` is no run's id",
            help: "interlock breakers")
    }
    let reason = try invocation.require("reason")
    let deployment = try Deployment.open(invocation)
    let order = try PersonSigner.order(
        RunContent(run: run, deed: deed), reason: reason, invocation, deployment)
    let answer = try GatewayClient(deployment).post(
        "/v1/runs/\(run.text)/order", order.envelope.json)
    invocation.has("json")
        ? Output.json(answer) : Output.line("\(run.text): \(answer["state"]?.string ?? "-")")
    return .ok
}
