import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel

extension Command {
    static let runsList = Command(
        "runs list", "what runs and could be stopped",
        example: "interlock runs list",
        options: [.directory, .json], exits: [.unavailable],
        notes:
            "Stop one with `interlock kill RUN`. `runs show RUN` has its purpose and its client.",
        run: listing(
            "/v1/run-activity", "runs", nothing: "there are no open runs",
            Column("RUN", "run"), Column("AGENT", "agent"), Column("OWNER", "owner"),
            Column("POINT", "point"), Column("CLIENT", runClient), Column("STATE", runState)))

    static let runsShow = Command(
        "runs show RUN", "show one open run: purpose, client, calls, waits; or draw it",
        example: "interlock runs show 01kag0q9m2c4e6g8j0k2n4p6r8",
        options: [
            .directory, .json,
            Option(
                "--graph",
                "draw the calls of RUN, which may have ended, as bars on one line of time"),
            Option(
                "--svg FILE",
                "write that drawing as a file for a browser; it must not exist yet"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .io],
        notes: """
            The client is the address of the newest connection that used a token of the run, with its process \
            where that is one of this machine that the gateway may see. `interlock audit replay RUN` tells what \
            the run did.
            A drawing is made from the log: each record is proved, and that you look is recorded first. Waits for \
            people are lower than the time with the server; pauses longer than a tenth of the whole are cut and named.
            """
    ) { invocation in
        let id = try invocation.argument("no run's id", help: "interlock runs list") { RunID($0) }
        if invocation.has("graph") || invocation.has("svg") {
            return try RunDrawing.show(id, invocation)
        }
        let run = try invocation.gateway().get("/v1/run-activity/\(id.text)")
        let sessions = run.strings("sessions")
        let lines = [
            ("agent", run.text("agent")), ("owner", run.text("owner")),
            ("purpose", run.text("purpose")), ("since", run.text("since")),
            ("point", run.text("point")), ("client", runClient(run)),
            ("sessions", sessions.isEmpty ? "none" : sessions.joined(separator: ", ")),
            ("state", runState(run)),
        ]
        return invocation.print(
            run,
            lines.map { "\($0.padded(to: 10))\(TerminalEscaping.shown($1))" }
                .joined(separator: "\n"))
    }
}

/// The address of a run's client with its process, as far as they are known.
@Sendable private func runClient(_ run: JSONValue) -> String {
    let host = run["host"]?.string ?? "not used since the start"
    return run["pid"]?.integer.map { "\(host), pid \($0)" } ?? host
}

@Sendable private func runState(_ run: JSONValue) -> String {
    "\(run.number("calls")) calls in flight, \(run.number("waits")) wait for people"
        + (run["halted"]?.string.map { ", halted by \($0)" } ?? "")
}
