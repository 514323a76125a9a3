import InterlockGateway
import InterlockJSON
import InterlockModel
import Synchronization

/// One configured server: its catalogue, watched by a session of the gateway's own, and the agents'
/// sessions.
final class UpstreamServer: Sendable {
    typealias MakeSession = @Sendable (UpstreamShared, AgentName?) -> any UpstreamSession

    private struct State {
        var view = ServerView.connecting
        var sessions: [AgentName: any UpstreamSession] = [:]
        var ended = false
    }

    let shared: UpstreamShared
    private let loop: EventLoop
    private let makeSession: MakeSession
    private let catalogue: any UpstreamSession
    private let state = Mutex(State())
    private let waker: Waker

    private static let longestRetry = Duration.seconds(60)

    init(shared: UpstreamShared, loop: EventLoop, makeSession: @escaping MakeSession) {
        self.shared = shared
        self.makeSession = makeSession
        self.loop = loop
        catalogue = makeSession(shared, nil)
        waker = Waker(loop: loop)
        shared.onListChanged { [waker] in waker.wake() }
        Task(executorPreference: loop) { await self.watch() }
    }

    private var server: ServerName { shared.server }

    var view: ServerView { state.withLock { $0.view } }

    func session(of agent: AgentName) -> (any UpstreamSession)? {
        state.withLock { state in
            guard !state.ended else { return nil }
            if let session = state.sessions[agent] { return session }
            let session = makeSession(shared, agent)
            state.sessions[agent] = session
            return session
        }
    }

    /// Lists the tools, again and again, until the end.
    private func watch() async {
        var retry = shared.limits.firstRetry
        while !state.withLock({ $0.ended }) {
            let limits = shared.limits
            if let reason = shared.quarantine {
                refuse("quarantined: \(reason)", always: true)
                await waker.wait(limits.checkEvery)
                continue
            }
            switch await catalogue.listTools() {
            case .success(let tools):
                retry = limits.firstRetry
                offer(tools)
                await loop.sleep(for: limits.leastCheckGap)
                await waker.wait(limits.checkEvery)
            case .failure(let trouble):
                refuse(trouble.description, always: false)
                await waker.wait(retry)
                retry = min(retry * 2, Self.longestRetry)
            }
        }
    }

    private func offer(_ tools: [JSONValue]) {
        guard shared.quarantine == nil else { return }
        enum Change { case none, first, changed }
        let change = state.withLock { state in
            switch state.view {
            case .ready(_, let known) where known == tools: return Change.none
            case .ready(let generation, _):
                state.view = .ready(generation: generation + 1, tools: tools)
                return .changed
            case .unknown, .connecting, .unavailable:
                state.view = .ready(generation: 1, tools: tools)
                return .first
            }
        }
        switch change {
        case .none: return
        case .first: shared.report(.connected(server, tools: tools.count))
        case .changed: shared.report(.toolsChanged(server))
        }
    }

    /// A server that was there and does not answer keeps its tools: an outage changes calls, not lists.
    private func refuse(_ reason: String, always: Bool) {
        let isNews = state.withLock { state in
            if case .ready = state.view, !always { return true }
            if case .unavailable(let known) = state.view, known == reason { return false }
            state.view = .unavailable(reason)
            return true
        }
        if isNews, !always { shared.report(.failed(server, reason: reason)) }
    }

    func close() async {
        let sessions = state.withLock { state in
            state.ended = true
            state.view = .unavailable("it is no longer configured")
            defer { state.sessions = [:] }
            return Array(state.sessions.values)
        }
        waker.wake()
        await withTaskGroup { group in
            for session in sessions + [catalogue] { group.addTask { await session.close() } }
        }
    }
}

/// Sleeps until it is woken or the time is over. One sleeper at a time.
final class Waker: Sendable {
    private struct State {
        var sleeper: CheckedContinuation<Void, Never>?
        var isWoken = false
        /// Of the sleep: its timer must not end a later one.
        var turn = 0
    }
    private let loop: EventLoop
    private let state = Mutex(State())

    init(loop: EventLoop) { self.loop = loop }

    /// Returns at once when `wake` was called since the last return.
    func wait(_ time: Duration) async {
        await withCheckedContinuation { continuation in
            let turn = state.withLock { state -> Int? in
                if state.isWoken { return nil }
                state.sleeper = continuation
                state.turn += 1
                return state.turn
            }
            guard let turn else { return continuation.resume() }
            loop.perform { _ = self.loop.schedule(after: time) { self.timeIsOver(turn) } }
        }
        state.withLock { $0.isWoken = false }
    }

    func wake() { end { _ in true } }

    private func timeIsOver(_ turn: Int) { end { $0 == turn } }

    private func end(_ applies: (Int) -> Bool) {
        let sleeper = state.withLock { state -> CheckedContinuation<Void, Never>? in
            guard applies(state.turn) else { return nil }
            state.isWoken = true
            defer { state.sleeper = nil }
            return state.sleeper
        }
        sleeper?.resume()
    }
}
