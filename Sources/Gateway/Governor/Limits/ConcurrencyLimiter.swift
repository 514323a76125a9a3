import InterlockLimits
import InterlockModel
import Synchronization

/// How many calls of each agent, and to each server, are under way: from the decision to the end of the call, with the
/// time that people take.
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

    /// Where there is no room.
    enum Full: Error {
        case agent(Int)
        case server(Int)
    }

    /// Whoever enters leaves once.
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
    /// Nothing is kept of what is 0.
    fileprivate mutating func lower(_ key: Key) {
        let left = (self[key] ?? 0) - 1
        self[key] = left > 0 ? left : nil
    }
}
