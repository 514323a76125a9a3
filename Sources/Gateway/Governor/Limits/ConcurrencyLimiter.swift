import InterlockLimits
import InterlockModel
import Synchronization

/// Limits the number of calls in progress of each agent and to each server, from the decision to the end of the call,
/// including the time that people take.
final class ConcurrencyLimiter: Sendable {
    private struct State {
        var agents: [AgentName: Int] = [:]
        var servers: [ServerName: Int] = [:]
    }
    private let state = Mutex(State())
    private let mostOfAgent: Int
    private let mostOfServer: Int

    init(_ limits: AdmissionLimits) {
        mostOfAgent = limits.agentCalls
        mostOfServer = limits.serverCalls
    }

    /// The limit that is reached, with its value.
    enum Full: Error {
        case agent(Int)
        case server(Int)
    }

    /// Counts a call; each successful `enter` requires exactly one `leave`.
    func enter(_ agent: AgentName, _ server: ServerName) throws(Full) {
        let full: Full? = state.withLock { state in
            guard state.agents[agent, default: 0] < mostOfAgent else { return .agent(mostOfAgent) }
            guard state.servers[server, default: 0] < mostOfServer else {
                return .server(mostOfServer)
            }
            state.agents[agent, default: 0] += 1
            state.servers[server, default: 0] += 1
            return nil
        }
        if let full { throw full }
    }

    func leave(_ agent: AgentName, _ server: ServerName) {
        state.withLock { state in
            state.agents.lower(agent)
            state.servers.lower(server)
        }
    }
}

extension Dictionary where Value == Int {
    /// Decrements a count; removes it at 0.
    fileprivate mutating func lower(_ key: Key) {
        let left = (self[key] ?? 0) - 1
        self[key] = left > 0 ? left : nil
    }
}
