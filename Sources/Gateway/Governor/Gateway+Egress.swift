package import InterlockLedger
package import InterlockModel
import InterlockPorts

/// The connections of sandboxed runs and of servers, as far as they count like calls (docs/specs/sandbox.md, section 7).
extension Gateway {
    /// Returns whether the agent's rate of requests admits one more connection, which then counts.
    package func admitsConnection(of agent: AgentName) -> Bool {
        admission.requests.take(agent, at: clock.boot) == nil
    }

    /// Notices the first use of a host by an agent, after its connection was recorded.
    package func observe(connectionTo host: String, in run: RunContext) {
        guard !run.agent.isCanary else { return }
        observe(host: host, of: run.agent, run.run)
    }

    /// Returns whether the rate of requests admits one more connection of the server's children, which then counts.
    package func admitsConnection(of server: ServerName) -> Bool {
        admission.requests.take(server, at: clock.boot) == nil
    }

    package func countRefusedConnection(of agent: AgentName, code: String) {
        countDenial(of: agent, at: nil, code: code)
    }
}
