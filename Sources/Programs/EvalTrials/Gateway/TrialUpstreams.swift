import InterlockEvals
import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPolicy
import InterlockPorts
import InterlockTransport
import Synchronization

/// The servers of one trial: each server of the lock with its reviewed tools, answered by the world of the case, and
/// the real servers of its fixture behind a pool.
///
/// INVARIANT: no call of a trial is sent to a server that the policy connects, and none carries a credential of a
/// deployment. Kept by `test_eval_trials.py`.
final class TrialUpstreams: Upstreams {
    private struct State {
        var world: World
        var received: Set<CallID> = []
        /// The first real server that did not answer a call, with the reason.
        var failure: String?
    }
    private let state: Mutex<State>
    /// The reviewed definitions of each server of the lock.
    private let definitions: [ServerName: [JSONValue]]
    private let pool: UpstreamPool
    /// The real servers, which the pool serves.
    let programs: [ServerName]

    /// - Parameter pool: has the real servers of the fixture, and no others.
    init(_ fixture: WorldFixture, _ lock: PolicyLock, pool: UpstreamPool) {
        state = Mutex(State(world: World(fixture)))
        self.pool = pool
        programs = fixture.commands.map { $0.server }
        definitions = lock.servers.mapValues { server -> [JSONValue] in
            server.tools.sorted { $0.key < $1.key }.map { JSONValue.object($0.value.definition) }
        }
    }

    /// The world as it is now.
    var world: World { state.withLock { $0.world } }
    /// The calls that were sent to a server, whatever it answered.
    var received: Set<CallID> { state.withLock { $0.received } }
    /// One line about a real server that did not answer, or nil.
    var failure: String? { state.withLock { $0.failure } }

    /// The first real server that has not listed its tools; nil if all have.
    var unready: ServerName? {
        programs.first { server in
            if case .ready = pool.view(of: server) { false } else { true }
        }
    }

    func view(of server: ServerName) -> CatalogState {
        if programs.contains(server) { return pool.view(of: server) }
        guard let tools = definitions[server] else { return .unknown }
        return .ready(generation: 1, tools: tools)
    }

    func offers(of server: ServerName) -> ServerFeatures {
        guard programs.contains(server) else { return ServerFeatures() }
        var features = pool.offers(of: server)
        // The lock of trials has none, and other ones would withhold the server.
        features.instructions = nil
        return features
    }

    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        guard call.cancel.cause == nil else { return .cancelled(confirmed: true) }
        guard call.request.method == .callTool else {
            return .rpcError(code: -32601, message: "a fake server has tools alone")
        }
        guard programs.contains(call.address.server) else {
            let arguments = call.request.arguments
            let answer = state.withLock { state in
                state.received.insert(call.call)
                return state.world.call(call.address, arguments)
            }
            let result = answer.result
            return .result(result, bytes: JSONValue.object(result).serialized())
        }
        let isAdmitted = state.withLock { $0.world.admit() }
        guard isAdmitted else {
            return .rpcError(
                code: -32603, message: "the trial has more than \(EvalLimits.calls) calls")
        }
        state.withLock { _ = $0.received.insert(call.call) }
        let response = await pool.call(call)
        if let reason = response.failureReason {
            state.withLock { state in
                if state.failure == nil {
                    state.failure = "the fixture server `\(call.address.server)` \(reason)"
                }
            }
        }
        return response
    }

    func strayAnswers(of server: ServerName) -> Int { pool.strayAnswers(of: server) }
    func strayUpdates(of server: ServerName) -> Int { pool.strayUpdates(of: server) }

    func follow(
        _ uris: Set<ExactText>, of server: ServerName, for agent: AgentName,
        _ changed: @escaping @Sendable (_ uri: String) -> Void
    ) {
        if programs.contains(server) { pool.follow(uris, of: server, for: agent, changed) }
    }

    @discardableResult
    func endChildren(
        where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) -> EndingChildren {
        pool.endChildren(where: isHalted)
    }
}

extension WorldFixture {
    /// The real servers, each with the words of its command.
    var commands: [(server: ServerName, words: [String])] {
        var commands: [(server: ServerName, words: [String])] = []
        for server in servers {
            if case .command(let words) = server.body { commands.append((server.name, words)) }
        }
        return commands
    }
}

extension UpstreamResponse {
    /// The reason why a server did not answer, or nil if it did.
    fileprivate var failureReason: String? {
        switch self {
        case .failed(_, let reason): "failed: \(reason)"
        case .timedOut: "did not answer in time"
        case .exceeded(let excess): "answered with \(excess.reason)"
        case .breakerOpen: "failed before"
        case .result, .rpcError, .unmet, .cancelled: nil
        }
    }
}
