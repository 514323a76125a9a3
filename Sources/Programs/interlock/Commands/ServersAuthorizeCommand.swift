import InterlockCommandLine
import InterlockDeployment
import InterlockJSON
import InterlockModel
import InterlockPorts
import InterlockTransport
import Synchronization

extension Command {
    static let serversAuthorize = Command(
        "servers authorize [SERVER]",
        "sign in at a server's authorization server for an agent, in a browser",
        example: "interlock servers authorize crm --agent refunds",
        options: [
            .directory, .json,
            Option("--agent AGENT", "for whom, where several sign in there"),
            Option("--port PORT", "where the browser comes back to (default: a free one)"),
            Option("--wait SECONDS", "for the browser, 1 to 300 (default: 300)"),
            Option("--status", "who is signed in where; needs no SERVER"),
            Option("--forget", "end it here, and at the issuer where that is offered"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .tryAgain, .notPermitted],
        notes: """
            For credentials with `grant: authorization_code` in `secrets.oauth`. Prints a URL: open it in a
            browser on this machine, which comes back to http://127.0.0.1:PORT/callback, once. The gateway
            keeps what it is given in state/grants; no token is shown.
            """
    ) { invocation in
        let client = try invocation.gateway()
        if invocation.has("status") {
            return invocation.print(rows: try client.get("/v1/sign-ins").rows("sign_ins"), row)
        }
        guard !invocation.positional.isEmpty else {
            throw Failure(.usage, "SERVER is missing", help: "interlock servers authorize --help")
        }
        let server = try invocation.serverArgument()
        var body: JSONObject = [:]
        body["agent"] = invocation.json("agent")
        guard invocation.has("forget") else {
            return try await signIn(server, body, client, invocation)
        }
        let answer = try client.post("/v1/servers/\(server)/forget", .object(body))
        return invocation.print(
            answer, "\(server): signed out; at the issuer: \(answer.text("issuer"))")
    }
}

private func signIn(
    _ server: ServerName, _ asked: JSONObject, _ client: GatewayClient, _ invocation: Invocation
) async throws(Failure) -> Exit {
    let port = try invocation.number("port", in: 0...65_535) ?? 0
    let wait = try invocation.number("wait", in: 1...300) ?? 300
    let answered = Mutex<JSONValue>(.null)
    let id = Mutex<String?>(nil)
    let page = CallbackPage { (query: String) throws(Failure) in
        guard let id = id.withLock({ $0 }) else {
            throw Failure(.no, "a browser came before there was anything to open")
        }
        let answer = try client.post("/v1/sign-ins/\(id)/answer", ["query": .string(query)])
        answered.withLock { $0 = answer }
    }
    let loops = LoopGroup()
    defer { loops.stop() }
    let (listening, address) = try Listeners.listen(
        "127.0.0.1:\(port)", nil, .people, page, loops: loops, ServerLimits())
    var body = asked
    body["redirect"] = .string("http://\(address)/callback")
    let begun = try client.post("/v1/servers/\(server)/authorize", .object(body))
    guard let number = begun["id"]?.string, let url = begun["url"]?.string,
        let state = state(in: url)
    else {
        throw Failure(.unavailable, "the gateway answered, and nothing readable")
    }
    id.withLock { $0 = number }
    page.expect(state)
    invocation.print(
        ["open": .string(url)], "open in a browser on this machine:\n\(TerminalEscaping.shown(url))"
    )
    let result = await page.result(within: .seconds(wait))
    await listening.drain(within: .seconds(1))
    if case .failure(let failure) = result { throw failure }
    let answer = answered.withLock { $0 }
    invocation.print(answer, row(answer))
    return .ok
}

/// The gateway's own fields come last, after a query of the endpoint's.
private func state(in url: String) -> String? {
    let start = "state="
    return url.split(separator: "&").last { $0.hasPrefix(start) }
        .map { String($0.dropFirst(start.count)) }
}

private func row(_ signed: JSONValue) -> String {
    let scopes = signed.strings("scopes").joined(separator: " ")
    return "\(signed.text("server"))  \(signed.text("agent"))  \(signed.text("state"))  "
        + "\(signed.text("issuer"))  [\(TerminalEscaping.shown(scopes))]"
}
