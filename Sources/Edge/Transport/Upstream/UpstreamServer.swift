import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// One configured server: its catalogue, which a session of the gateway itself keeps current, and the agents' sessions.
final class UpstreamServer: Sendable {
    typealias MakeSession = @Sendable (UpstreamShared, SessionKey) -> any UpstreamSession

    private struct State {
        var view = CatalogState.connecting
        var offers = ServerFeatures()
        var sessions = AgentSessions()
        /// The listeners of the agents, each until it follows nothing.
        var listening: [AgentName: ResourceUpdateListener] = [:]
        var agentLists = AgentListComparison()
        var ended = false
    }

    let shared: UpstreamShared
    let loop: EventLoop
    private let makeSession: MakeSession
    private let catalogue: any UpstreamSession
    private let state = Mutex(State())
    private let waker: Waker
    private let ears: Waker

    private static let longestRetry = Duration.seconds(60)
    private static let heldStep = Duration.seconds(1)
    private static let look = Duration.milliseconds(20)
    private static let lastingStream = Duration.seconds(10)

    init(shared: UpstreamShared, loop: EventLoop, makeSession: @escaping MakeSession) {
        self.shared = shared
        self.makeSession = makeSession
        self.loop = loop
        catalogue = makeSession(shared, SessionKey(agent: nil))
        waker = Waker(loop: loop)
        ears = Waker(loop: loop)
        shared.onListChanged { [waker] in waker.wake() }
        shared.onAgentLists { [weak self] in self?.take($1, of: $0) }
        Task(executorPreference: loop) { await self.watch() }
        Task(executorPreference: loop) { await self.hear() }
    }

    private var server: ServerName { shared.server }

    var view: CatalogState { state.withLock { $0.view } }
    var offers: ServerFeatures { state.withLock { $0.offers } }

    /// Implements `Upstreams.call`.
    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        let prefersLegacy = shared.prefersLegacy(call)
        // Modern requests declare the allowed input themselves, so any session can be used.
        let declares = prefersLegacy || shared.version?.isModern != true
        let key = SessionKey(
            agent: call.agent, declared: declares ? call.input?.declared ?? [:] : [:],
            prefersLegacy: prefersLegacy)
        guard let taken = take(key) else {
            return .failed(.notExecuted, reason: "the server is no longer configured")
        }
        if let unused = taken.unused { Task { await unused.close() } }
        guard let session = taken.session else {
            return .failed(
                .notExecuted, reason: "too many calls that declare other capabilities are under way"
            )
        }
        let answer = await session.call(call)
        state.withLock { $0.sessions.giveBack(session, key) }
        if call.input != nil {
            shared.note(answer, to: call.address.tool, in: declares ? .legacy : .modern)
        }
        return answer
    }

    func lookAgain() { waker.wake() }

    /// Takes the session of an agent while `body` runs; returns without calling `body` if none is free.
    func use(_ key: SessionKey, _ body: (any UpstreamSession) async -> Void) async {
        guard let session = take(key)?.session else { return }
        await body(session)
        state.withLock { $0.sessions.giveBack(session, key) }
    }

    /// - Returns: nil if the server is no longer configured.
    private func take(_ key: SessionKey) -> AgentSessions.Taken? {
        state.withLock { state in
            guard !state.ended else { return nil }
            return state.sessions.take(key) { makeSession(shared, key) }
        }
    }

    /// - Returns: a new listener, or nil if the agent's existing one continues.
    func want(
        _ uris: Set<ExactText>, for agent: AgentName,
        _ changed: @escaping ResourceUpdateListener.Changed
    ) -> ResourceUpdateListener? {
        state.withLock { state in
            // Done under the lock, so that a listener that is about to end does not receive a wish.
            if let known = state.listening[agent] {
                known.want(uris, changed)
                return nil
            }
            guard !uris.isEmpty, !state.ended else { return nil }
            let new = ResourceUpdateListener(shared: shared, loop: loop, changed: changed)
            new.want(uris, changed)
            state.listening[agent] = new
            return new
        }
    }

    /// Returns true if a listener wants nothing. It is then removed, and the next wish creates another.
    func isOver(_ listener: ResourceUpdateListener, of agent: AgentName) -> Bool {
        state.withLock { state in
            guard state.ended || listener.wanted.isEmpty else { return false }
            state.listening[agent] = nil
            return true
        }
    }

    /// Lists the server's features repeatedly until the end.
    private func watch() async {
        var retry = shared.limits.firstRetry
        while !state.withLock({ $0.ended }) {
            let limits = shared.limits
            if let reason = shared.quarantine {
                refuse("quarantined: \(reason)", always: true)
                await closeSessions()
                await waker.wait(limits.checkEvery)
                continue
            }
            if shared.isHeld() {
                await waker.wait(Self.heldStep)
                continue
            }
            switch await catalogue.list() {
            case .success(let listed):
                retry = limits.firstRetry
                offer(listed)
                for key in state.withLock({ $0.agentLists.differing }) { take(.changed, of: key) }
                await loop.sleep(for: limits.leastCheckGap)
                let lifetime = max(limits.leastListLifetime, listed.lifetime ?? limits.checkEvery)
                await waker.wait(min(limits.checkEvery, lifetime))
            case .failure(let trouble):
                refuse(trouble.description, always: false)
                await waker.wait(retry)
                retry = min(retry * 2, Self.longestRetry)
            }
        }
    }

    /// Receives announcements of changes from servers that send them; the periodic listing continues as well.
    private func hear() async {
        var pause = shared.limits.firstRetry
        while !state.withLock({ $0.ended }) {
            let limits = shared.limits
            let began = loop.nowNanoseconds
            if case .ready = view, shared.quarantine == nil, !shared.isHeld() {
                await catalogue.listen()
            }
            if loop.nowNanoseconds - began > Self.lastingStream.nanosecondsClamped {
                pause = limits.firstRetry
                // Changes since the stream broke were not announced.
                waker.wake()
            }
            await ears.wait(pause)
            pause = min(pause * 2, max(limits.checkEvery, limits.firstRetry))
        }
    }

    private func offer(_ listed: ListedOffers) {
        let tools = listed.tools
        var known = listed.offers
        known.instructions = shared.handshake?.instructions
        known.subscriptions = shared.subscriptions
        let own = known
        guard shared.quarantine == nil else { return }
        // Done first: a client that sees the tools may call them.
        shared.listed(tools)
        enum Change { case none, first, changed }
        let change = state.withLock { state in
            var offers = own
            offers.apart = state.agentLists.differing(from: tools, own.prompts)
            let isNew = state.offers != offers
            state.offers = offers
            switch state.view {
            case .ready(_, let known) where known == tools && !isNew: return Change.none
            case .ready:
                state.view = .ready(generation: shared.nextGeneration(), tools: tools)
                return .changed
            case .unknown, .connecting, .unavailable:
                state.view = .ready(generation: shared.nextGeneration(), tools: tools)
                return .first
            }
        }
        switch change {
        case .none: return
        case .first: shared.report(.connected(server, tools: tools.count))
        case .changed: shared.report(.toolsChanged(server))
        }
    }

    /// Keeps the tools of a server that no longer responds: an outage affects calls, not lists.
    private func refuse(_ reason: String, always: Bool) {
        let isNews = state.withLock { state in
            if case .ready = state.view, !always { return true }
            if case .unavailable(let known) = state.view, known == reason { return false }
            state.view = .unavailable(reason)
            return true
        }
        if isNews, !always { shared.report(.failed(server, reason: reason)) }
    }

    // MARK: lists of agents' sessions

    /// Handles a change that a session of an agent announced, or the end of its child.
    private func take(_ event: AgentListEvent, of key: SessionKey) {
        switch event {
        case .ended: keep(nil, of: key)
        case .changed:
            guard state.withLock({ !$0.ended && $0.agentLists.ask(key) }) else { return }
            Task(executorPreference: loop) { await self.look(at: key) }
        }
    }

    /// Lists a session's features until it has announced nothing since, at most once per `leastCheckGap`. While the
    /// announced lists are unknown, nothing of the server is offered.
    private func look(at key: SessionKey) async {
        guard let agent = key.agent else { return }
        var pause = shared.limits.leastCheckGap
        while true {
            switch nextLook(at: key) {
            case .over: return
            case .isGone: return keep(nil, of: key)
            // Listed later by `watch`, like all sessions whose lists differ.
            case .later: return keep(AgentLists(unknownOf: agent), of: key)
            case .ask(let session):
                switch await session.list() {
                case .success(let listed):
                    keep(AgentLists(agent, listed), of: key)
                    pause = shared.limits.leastCheckGap
                case .failure(let trouble) where trouble.hasNoChild: keep(nil, of: key)
                case .failure(let trouble):
                    keep(AgentLists(unknownOf: agent), of: key)
                    shared.report(.failed(server, reason: "\(Self.listsNothing): \(trouble)"))
                    // Ended so that the next child is listed before it is used.
                    session.endChild(EndingChildren())
                    state.withLock { _ = $0.agentLists.ask(key) }
                    pause = min(pause * 2, Self.longestRetry)
                }
            }
            await loop.sleep(for: pause)
        }
    }

    private static let listsNothing = "a session announced other lists, and does not list them"

    private enum CheckTime {
        case ask(any UpstreamSession)
        /// The server may not be asked now.
        case later
        case isGone, over
    }

    private func nextLook(at key: SessionKey) -> CheckTime {
        state.withLock { state in
            guard !state.ended, state.agentLists.next(key) else { return .over }
            guard let session = state.sessions[key] else {
                state.agentLists.stop(key)
                return .isGone
            }
            guard shared.mayBeAsked else {
                state.agentLists.stop(key)
                return .later
            }
            return .ask(session)
        }
    }

    private func keep(_ lists: AgentLists?, of key: SessionKey) {
        let isNews = state.withLock { state in
            guard !state.ended else { return false }
            state.agentLists.set(lists, of: key)
            guard case .ready(_, let tools) = state.view else { return false }
            let apart = state.agentLists.differing(from: tools, state.offers.prompts)
            guard apart != state.offers.apart else { return false }
            state.offers.apart = apart
            state.view = .ready(generation: shared.nextGeneration(), tools: tools)
            return true
        }
        if isNews { shared.report(.toolsChanged(server)) }
    }

    /// Returns once the server has listed its tools, has failed to, or `patience` has passed.
    func settle(within patience: Duration) async {
        let end = loop.nowNanoseconds + patience.nanosecondsClamped
        while case .connecting = view, loop.nowNanoseconds < end {
            await loop.sleep(for: Self.look)
        }
    }

    func endChildren(
        _ ending: EndingChildren, where isHalted: @Sendable (ServerName, AgentName?) -> Bool
    ) {
        let sessions = state.withLock { $0.sessions }.all(where: { isHalted(server, $0) })
        for session in sessions + (isHalted(server, nil) ? [catalogue] : []) {
            session.endChild(ending)
        }
    }

    func close() async {
        state.withLock { state in
            state.ended = true
            state.view = .unavailable("it is no longer configured")
        }
        waker.wake()
        ears.wake()
        await closeSessions()
    }

    private func closeSessions() async {
        let (sessions, listening) = state.withLock { state in
            defer { state.sessions = AgentSessions() }
            return (state.sessions.all, Array(state.listening.values))
        }
        for listener in listening { listener.wake() }
        await withTaskGroup { group in
            for session in sessions + [catalogue] { group.addTask { await session.close() } }
        }
    }
}

extension UpstreamServer {
    /// Implements `ResourceFollowing.follow`.
    func follow(
        _ uris: Set<ExactText>, for agent: AgentName,
        _ changed: @escaping ResourceUpdateListener.Changed
    ) {
        guard let listener = want(uris, for: agent, changed) else { return }
        Task(executorPreference: loop) { await self.hear(listener, for: agent) }
    }

    /// Listens for one agent until it follows nothing any more. After each end the server is asked again, with growing
    /// pauses.
    private func hear(_ listener: ResourceUpdateListener, for agent: AgentName) async {
        var pause = shared.limits.firstRetry
        while !isOver(listener, of: agent) {
            guard !shared.isHeld(), case .ready = view, shared.subscriptions != .none else {
                await listener.wait(Self.heldStep)
                continue
            }
            let began = loop.nowNanoseconds
            await use(SessionKey(agent: agent)) { await $0.follow(listener) }
            if loop.nowNanoseconds - began > Self.lastingStream.nanosecondsClamped {
                pause = shared.limits.firstRetry
            }
            guard !isOver(listener, of: agent) else { return }
            await listener.wait(pause)
            pause = min(pause * 2, Self.longestRetry)
        }
    }
}
