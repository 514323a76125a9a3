import InterlockCommandLine
import InterlockDeployment
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTransport

/// The current handshakes, tools and prompts of the policy's servers, over the same connections that `serve` makes:
/// over HTTP with their credentials, or as children in the sandbox.
struct LiveServers {
    struct Answer {
        let handshake: UpstreamHandshake
        let sighting: ToolSighting
        let prompts: PromptSighting
        let offers: ServerFeatures
        /// The code of its program. Is nil for a remote server.
        var code: LiveCode?
    }

    /// The time limit of one server.
    static let patience = Duration.seconds(45)
    /// The time limit if every open server has refused: some are only just starting.
    private static let patienceWithRefusals = Duration.seconds(10)
    private static let pause = Duration.milliseconds(50)

    let answers: [ServerName: Answer]
    /// The reason for each server that did not respond.
    let silent: [ServerName: String]

    /// - Throws: 69 if a server did not respond, after printing the reason for each.
    func refuseSilence(help: String) throws(Failure) {
        guard !silent.isEmpty else { return }
        for (server, reason) in silent.sorted(by: { $0.key < $1.key }) {
            Output.error("interlock: \(server): \(TerminalEscaping.shown(reason))")
        }
        throw Failure(.unavailable, "\(silent.count) servers cannot be compared", help: help)
    }

    private static func code(
        of servers: Set<ServerName>, _ policy: PolicySnapshot
    ) -> [ServerName: LiveCode] {
        servers.reduce(into: [:]) { $0[$1] = policy.servers[$1].flatMap { LiveCode(of: $0) } }
    }

    /// Returns when every server has responded or the time is over, with all connections closed.
    ///
    /// - Parameter reviewed: the entries of the lock. Caches of Python that are not as reviewed are not run.
    static func ask(
        _ servers: Set<ServerName>, of policy: PolicySnapshot, _ deployment: Deployment,
        reviewed: [ServerName: LockedServer]
    ) async throws(Failure) -> LiveServers {
        let before = code(of: servers, policy)
        let withoutCaches = servers.filter { name in
            guard let code = reviewed[name]?.code else { return false }
            return code.caches != before[name]?.known?.caches
        }
        let loops = LoopGroup()
        defer { loops.stop() }
        let output = ServerOutput()
        let wiring = try UpstreamWiring(deployment, loops: loops) { output.take($0) }
        await wiring.apply(policy, only: servers, withoutCaches: withoutCaches, to: wiring.pool)
        await wiring.settle()
        var answers: [ServerName: Answer] = [:]
        var silent: [ServerName: String] = [:]
        let clock = ContinuousClock()
        let start = clock.now
        while answers.count < servers.count {
            var isWaiting = false
            for server in servers where answers[server] == nil {
                switch wiring.pool.view(of: server) {
                case .ready(_, let tools):
                    guard let handshake = wiring.pool.handshake(of: server) else { continue }
                    let offers = wiring.pool.offers(of: server)
                    answers[server] = Answer(
                        handshake: handshake, sighting: ToolSighting(tools),
                        prompts: PromptSighting(offers.prompts), offers: offers)
                    silent[server] = nil
                case .unavailable(let reason): silent[server] = reason
                case .unknown, .connecting:
                    silent[server] = "it has not answered in time"
                    isWaiting = true
                }
            }
            let waited = clock.now - start
            if waited > (isWaiting ? patience : patienceWithRefusals) { break }
            if answers.count < servers.count {
                guard (try? await Task.sleep(for: pause)) != nil else { break }
            }
        }
        await wiring.close()
        for (name, reason) in silent { silent[name] = output.reason(reason, of: name) }
        for (name, after) in code(of: Set(answers.keys), policy) {
            answers[name]?.code = after.unchanged(since: before[name])
        }
        return LiveServers(answers: answers, silent: silent)
    }
}
