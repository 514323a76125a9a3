package import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Gateway {
    private static let step = Duration.milliseconds(50)

    /// Returns true while a server has neither answered nor failed since it was configured, unless it is quarantined or
    /// halted.
    package func isStarting(_ server: ServerName) -> Bool {
        guard case .connecting = upstreams.view(of: server), pins.shutOff(of: server) == nil
        else { return false }
        return halts.halts.halt(of: .server(server)) == nil
    }

    /// Waits until each server that the agent's scopes name has answered or failed, at most `settings.startPatience`:
    /// hosts list once, and what is missing then stays unknown to their models.
    ///
    /// - Parameter server: the server of the endpoint, or nil for all.
    func awaitStarts(for agent: AgentName, at server: ServerName?) async {
        let named = policy.snapshot(for: agent).agents[agent]?.scopedServers ?? []
        let wanted = named.filter { server == nil || $0 == server }
        guard settings.startPatience > .zero, wanted.contains(where: isStarting) else { return }
        let end = ContinuousClock.now + settings.startPatience
        while wanted.contains(where: isStarting), ContinuousClock.now < end {
            guard (try? await Task.sleep(for: Self.step)) != nil else { return }
        }
    }
}

extension Refusal {
    static let starting = Refusal(
        .upstreamFailed, "upstream", "starting",
        "the server of this tool is starting; repeat the call in a moment",
        retryAfterMilliseconds: 1_000, outcome: .notExecuted)
}
