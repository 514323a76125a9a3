import InterlockApprovals
import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let breakers = Command(
        "breakers", "show which runs, servers and tools are held back",
        example: "interlock breakers",
        options: [.directory, .json],
        exits: [.no, .unavailable],
        notes: """
            A throttled run calls once in ten seconds; a paused one not at all until a person lets it go on
            (`interlock runs unpause`). An open server is not called until its time is over. Exit status 1 when
            anything is held back.
            """
    ) { invocation in
        let answer = try invocation.gateway().get("/v1/breakers")
        let runs = answer.rows("runs").map { run in
            var line = run["hold"]?.object ?? [:]
            line["agent"] = run["agent"]
            return JSONValue.object(line)
        }
        let servers = answer.rows("servers").map { breaker in
            var line: JSONObject = [:]
            line["name"] = breakerName(breaker).map(JSONValue.string)
            (line["state"], line["until"]) = (breaker["state"], breaker["until"])
            return JSONValue.object(line)
        }
        let isHeld = !(runs.isEmpty && servers.isEmpty)
        if invocation.isJSON {
            Output.json(["runs": .array(runs), "servers": .array(servers)])
        } else {
            invocation.print(table: runs, Column.heldRuns)
            invocation.print(table: servers, Column.heldServers)
            if !isHeld { Output.line("nothing is held back") }
        }
        return isHeld ? .no : .ok
    }

    static let breakersClose = Command(
        "breakers close SERVER[.TOOL]", "let one call try a server that is not called",
        example: "interlock breakers close crm.search --reason 'The supplier is back'",
        options: [.directory, .reason.required, .json],
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
        try invocation.gateway().post("/v1/servers/\(parts[0])/close-breaker", .object(body))
        return invocation.print(
            ["name": .string(name), "state": "half-open"], "\(name): half-open")
    }

    static let serversQuarantine = Command(
        "servers quarantine SERVER", "shut off a server until it is released",
        example: "interlock servers quarantine crm --reason 'Its tools changed overnight'",
        options: [.directory, .reason.required, .json], exits: .ofOrders,
        notes: """
            Acts at once on the running gateway and outlives it; calls that wait for people are refused when
            they would be sent. What is under way ends by itself: `interlock kill --server` cuts it off.
            """
    ) { try change("quarantine", "quarantined", $0) }

    static let serversRelease = Command(
        "servers release SERVER", "offer a server again that was quarantined",
        example: "interlock servers release crm --reason 'Reviewed the new tools'",
        options: [.directory, .reason.required, .json], exits: .ofOrders,
        notes: """
            The gateway compares the live server with the lock first, and refuses while anything differs.
            """
    ) { try change("release", "released", $0) }

    static let runsPause = Command(
        "runs pause RUN", "let no call of a run go on until a person says so",
        example:
            "interlock runs pause 01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example --reason 'It asks the same again and again'",
        options: [.directory, .person, .key, .reason.required, .json],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes: "For the owner of its agent, and people with the role kill or resume."
    ) { try order(.pause, $0) }

    static let runsUnpause = Command(
        "runs unpause RUN", "let a paused run go on",
        example:
            "interlock runs unpause 01kag0q9m2c4e6g8j0k2n4p6r8 --as ada@acme.example --reason 'Its prompt was mended'",
        options: [.directory, .person, .key, .reason.required, .json],
        exits: [.no, .notFound, .unavailable, .notPermitted],
        notes: "For the owner of its agent, and people with the role resume."
    ) { try order(.unpause, $0) }
}

/// Returns `server` or `server.tool`.
private func breakerName(_ breaker: JSONValue) -> String? {
    guard let tool = breaker["tool"]?.string else { return breaker["server"]?.string }
    return breaker["server"]?.string.map { "\($0).\(tool)" }
}

/// Quarantines or releases a server.
private func change(
    _ action: String, _ done: String, _ invocation: Invocation
) throws(Failure) -> Exit {
    let reason = try invocation.require("reason")
    let server = try invocation.serverArgument()
    try invocation.gateway().post("/v1/servers/\(server)/\(action)", ["reason": .string(reason)])
    return invocation.print(
        ["server": .string(server.text), "state": .string(done)], "\(server): \(done)")
}

private func order(_ action: RunOrder.Action, _ invocation: Invocation) throws(Failure) -> Exit {
    let run = try invocation.argument("no run's id", help: "interlock breakers") { RunID($0) }
    let answer = try invocation.order(
        RunContent(run: run, action: action), reason: try invocation.require("reason"),
        to: "/v1/runs/\(run.text)/order")
    return invocation.print(answer, "\(run.text): \(answer.text("state"))")
}
