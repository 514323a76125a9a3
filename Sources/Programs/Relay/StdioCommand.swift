package import InterlockCommandLine

extension Command {
    package static let stdio = Command(
        "stdio", "relay a host that speaks only stdio to the gateway",
        example: "interlock stdio --gateway http://127.0.0.1:7400 --token-file refunds.token",
        options: [
            Option("--gateway URL", "the agent plane (default: $INTERLOCK_GATEWAY)"),
            Option("--server NAME", "one server alone, with its own tool names"),
            Option("--token-file PATH", "file with the agent's token (default: $INTERLOCK_TOKEN)"),
        ],
        exits: [.unavailable, .notPermitted],
        notes:
            "A relay: no policy, no decision, no child process. stdout carries MCP messages alone, one per line; diagnostics go to stderr. A token is never an argument."
    ) { invocation in
        let endpoint = try RelayEndpoint(
            invocation["gateway"] ?? environment("INTERLOCK_GATEWAY"), server: invocation["server"],
            token: try token(invocation))
        try endpoint.awaitGateway()
        Relay(endpoint).run()
        return .ok
    }
}

private func token(_ invocation: Invocation) throws(Failure) -> String {
    guard let path = invocation["token-file"] else {
        guard let token = environment("INTERLOCK_TOKEN") else {
            throw Failure(
                .usage, "there is no token",
                help: "set INTERLOCK_TOKEN, or name a file with --token-file")
        }
        return token
    }
    do throws(FileFailure) {
        let bytes = try File.read(path, limit: 16 << 10)
        return String(decoding: bytes, as: UTF8.self).filter { !$0.isWhitespace }
    } catch { throw Failure(.usage, error.message) }
}
