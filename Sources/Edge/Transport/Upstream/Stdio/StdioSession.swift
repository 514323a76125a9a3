import InterlockGateway
import InterlockJSON
import InterlockMCP
import InterlockModel
import Synchronization

/// An MCP session with a child over its stdin and stdout. The child is started on first use, stopped
/// when idle, started again after it has died, later each time. All on one loop; calls from others hop.
final class StdioSession: UpstreamSession, @unchecked Sendable {
    typealias Ready = (Result<StdioProcess, UpstreamTrouble>) -> Void

    private enum State {
        /// -> starting, ended
        case stopped
        /// `initialize` is under way. -> running, stopped
        case starting([Ready])
        /// -> stopped
        case running(StdioProcess)
        case ended
    }

    let shared: UpstreamShared
    let agent: AgentName?
    let loop: EventLoop
    private let argv: [String]
    private let launcher: any ChildLauncher
    private let children: ChildCount

    // The loop's thread alone.
    private var state = State.stopped
    private var process: StdioProcess?
    private var hasTools = false
    private var badLines = 0
    /// When each unexpected end was, within the window.
    private var exits: [UInt64] = []
    private var notBefore: UInt64 = 0
    private var idleTimer: LoopTimer?
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []

    private static let longestPause = Duration.seconds(60)

    init(
        shared: UpstreamShared, agent: AgentName?, argv: [String], launcher: any ChildLauncher,
        children: ChildCount, loop: EventLoop
    ) {
        self.shared = shared
        self.agent = agent
        self.argv = argv
        self.launcher = launcher
        self.children = children
        self.loop = loop
    }

    private var limits: UpstreamLimits { shared.limits }
    private var server: ServerName { shared.server }

    func call(_ call: UpstreamCall) async -> UpstreamAnswer {
        await withCheckedContinuation { continuation in
            loop.perform { StdioCall(call, session: self, continuation).start() }
        }
    }

    func listTools() async -> Result<[JSONValue], UpstreamTrouble> {
        var list = UpstreamToolList()
        var cursor: String?
        repeat {
            switch await page(cursor) {
            case .failure(let trouble): return .failure(trouble)
            case .success(nil): return .success([])
            case .success(let page?):
                do throws(UpstreamProtocolError) { cursor = try list.add(page) } catch {
                    return .failure(UpstreamTrouble(error.description))
                }
            }
        } while cursor != nil
        return .success(list.tools)
    }

    /// - Returns: nil when the server has no tools at all.
    private func page(_ cursor: String?) async -> Result<UpstreamToolPage?, UpstreamTrouble> {
        await withCheckedContinuation { continuation in
            loop.perform {
                self.ready { result in
                    guard case .success(let process) = result else {
                        if case .failure(let trouble) = result {
                            continuation.resume(returning: .failure(trouble))
                        }
                        return
                    }
                    guard self.hasTools else {
                        return continuation.resume(returning: .success(nil))
                    }
                    let id = self.shared.nextID()
                    self.ask(
                        process, id, UpstreamMessages.listTools(id: id, cursor: cursor)
                    ) { continuation.resume(returning: $0.flatMap(Self.page)) }
                }
            }
        }
    }

    private static func page(_ object: JSONObject) -> Result<UpstreamToolPage?, UpstreamTrouble> {
        do throws(UpstreamProtocolError) {
            return .success(try UpstreamToolPage(object))
        } catch {
            return .failure(UpstreamTrouble(error.description))
        }
    }

    // MARK: the child

    /// Starts the child when there is none; `then` runs on the loop.
    func ready(_ then: @escaping Ready) {
        switch state {
        case .running(let process): then(.success(process))
        case .starting(let waiting): state = .starting(waiting + [then])
        case .ended: then(.failure(UpstreamTrouble("the session has ended")))
        case .stopped: launch(then)
        }
    }

    private func launch(_ then: @escaping Ready) {
        if let reason = shared.quarantine {
            return then(.failure(UpstreamTrouble("quarantined: \(reason)")))
        }
        guard loop.nowNanoseconds >= notBefore else {
            return then(.failure(UpstreamTrouble("the server ended and is not restarted yet")))
        }
        guard children.enter() else {
            return then(.failure(UpstreamTrouble("too many servers run at once")))
        }
        let child: LaunchedChild
        do throws(LaunchFailure) {
            child = try launcher.launch(
                ChildCommand(
                    server: server, agent: agent, argv: argv,
                    environment: shared.configuration.environment))
        } catch {
            children.leave()
            return then(.failure(UpstreamTrouble("the server cannot be started: \(error.reason)")))
        }
        let process = StdioProcess(child: child, loop: loop, limits: limits)
        self.process = process
        state = .starting([then])
        wire(process)
        process.start()
        initialize(process)
    }

    private func wire(_ process: StdioProcess) {
        let shared = shared
        let server = server
        let agent = agent
        process.onToolsChanged = { shared.toolListChanged() }
        process.onErrorLine = { shared.report(.stderr(server, agent: agent, line: $0)) }
        process.onBadLine = { [weak self] in self?.badLine() }
        process.onEnd = { self.ended(reason: $0, expected: $1) }
    }

    private func initialize(_ process: StdioProcess) {
        let id = shared.nextID()
        let hello = UpstreamMessages.initialize(id: id, clientVersion: shared.clientVersion)
        ask(process, id, hello) { result in
            guard case .starting(let waiting) = self.state else { return }
            let opened = result.flatMap(Self.handshake)
            switch opened {
            case .success(let handshake):
                self.hasTools = handshake.hasTools
                self.shared.opened(handshake)
                process.notify(UpstreamMessages.initialized())
                self.state = .running(process)
                self.rest()
                for then in waiting { then(.success(process)) }
            case .failure(let trouble):
                self.state = .stopped
                process.kill(trouble.description)
                for then in waiting { then(.failure(trouble)) }
            }
        }
    }

    private static func handshake(_ result: JSONObject)
        -> Result<UpstreamHandshake, UpstreamTrouble>
    {
        do throws(UpstreamProtocolError) {
            return .success(try UpstreamHandshake(result))
        } catch {
            return .failure(UpstreamTrouble(error.description))
        }
    }

    /// A request of ours with the handshake's patience.
    private func ask(
        _ process: StdioProcess, _ id: Int64, _ bytes: [UInt8],
        _ then: @escaping (Result<JSONObject, UpstreamTrouble>) -> Void
    ) {
        let timer = loop.schedule(after: limits.handshake) {
            let wasSent = process.forget(id)
            then(.failure(UpstreamTrouble("the server did not answer in time", wasSent: wasSent)))
        }
        process.request(id, bytes) { [loop] reply in
            loop.cancel(timer)
            switch reply {
            case .result(let result): then(.success(result))
            case .error(let error):
                then(.failure(UpstreamTrouble("error \(error.code): \(error.message)")))
            case .ended(let reason, let wasSent):
                then(.failure(UpstreamTrouble(reason, wasSent: wasSent)))
            }
        }
    }

    /// After each call: a child that has nothing to do is stopped. The gateway's own session stays, for
    /// its notifications.
    func rest() {
        if let idleTimer { loop.cancel(idleTimer) }
        guard agent != nil else { return }
        idleTimer = loop.schedule(after: limits.childIdle) { [weak self] in
            guard let self, case .running(let process) = self.state, process.callCount == 0 else {
                return
            }
            self.state = .stopped
            process.stop()
        }
    }

    // MARK: its end

    private func badLine() {
        badLines += 1
        shared.report(.failed(server, reason: "a line on stdout is no JSON-RPC"))
        guard badLines >= limits.badLines else { return }
        shared.quarantine("\(badLines) lines on stdout are no JSON-RPC")
        process?.kill("quarantined")
    }

    private func ended(reason: String, expected: Bool) {
        children.leave()
        process = nil
        if let idleTimer { loop.cancel(idleTimer) }
        switch state {
        case .running: state = .stopped
        case .starting(let waiting):
            state = .stopped
            let trouble = UpstreamTrouble("the server ended while it was started: \(reason)")
            for then in waiting { then(.failure(trouble)) }
        case .stopped, .ended: break
        }
        if !expected {
            shared.report(.exited(server, agent: agent, reason: reason))
            noteExit()
        }
        let waiters = closeWaiters
        closeWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    private func noteExit() {
        let now = loop.nowNanoseconds
        let window = limits.exitWindow.nanosecondsClamped
        exits = exits.filter { now - $0 < window } + [now]
        if exits.count >= limits.exits {
            return shared.quarantine("it ended \(exits.count) times in a short time")
        }
        let doubled = limits.firstRetry * (1 << (exits.count - 1))
        notBefore = now.addingClamped(min(doubled, Self.longestPause).nanosecondsClamped)
    }

    func close() async {
        await withCheckedContinuation { continuation in
            loop.perform {
                if case .starting(let waiting) = self.state {
                    for then in waiting {
                        then(.failure(UpstreamTrouble("the session has ended")))
                    }
                }
                self.state = .ended
                guard let process = self.process else { return continuation.resume() }
                self.closeWaiters.append(continuation)
                process.stop()
            }
        }
    }
}

/// Children of the node at one time (specs of MCP, section 12).
final class ChildCount: Sendable {
    static let limit = 64
    private let count = Mutex(0)

    func enter() -> Bool {
        count.withLock { count in
            guard count < Self.limit else { return false }
            count += 1
            return true
        }
    }
    func leave() { count.withLock { $0 -= 1 } }
}
