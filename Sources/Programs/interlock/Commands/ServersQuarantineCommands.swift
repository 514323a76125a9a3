import InterlockJSON
import InterlockModel

extension Command {
    static let serversQuarantine = Command(
        "servers quarantine SERVER", "shut off a server until it is released",
        options: [.directory, .reason, .json],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            Acts at once on the running gateway and outlives it; calls that wait for people are refused when
            they would be sent. What is under way ends by itself: `interlock kill --server` cuts it off.
            """
    ) { try order("quarantine", "quarantined", $0) }

    static let serversRelease = Command(
        "servers release SERVER", "offer a server again that was quarantined",
        options: [.directory, .reason, .json],
        exits: [.no, .data, .notFound, .unavailable, .notPermitted],
        notes: """
            The gateway compares the live server with the lock first, and refuses while anything differs.
            """
    ) { try order("release", "released", $0) }
}

private func order(
    _ deed: String, _ done: String, _ invocation: Invocation
) throws(Failure) -> Exit {
    let text = invocation.positional[0]
    let reason = try invocation.require("reason")
    guard let server = ServerName(text) else {
        throw Failure(.notFound, "`\(TerminalEscaping.shown(text))` is no name of a server")
    }
    _ = try GatewayClient(try Deployment.open(invocation)).post(
        "/v1/servers/\(server)/\(deed)", ["reason": .string(reason)])
    if invocation.has("json") {
        Output.json(["server": .string(text), "state": .string(done)])
    } else {
        Output.line("\(server): \(done)")
    }
    return .ok
}
