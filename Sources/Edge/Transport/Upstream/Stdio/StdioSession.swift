import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts
import Synchronization

/// One agent's access to a server over stdin and stdout. Its child is started on first use, stopped when idle, and
/// restarted after an unexpected end, with growing pauses. Everything happens on one loop; calls from others are moved
/// to it.
final class StdioSession: UpstreamSession, @unchecked Sendable {
    typealias Ready = (Result<StdioProcess, UpstreamFailure>) -> Void

    enum State {
        /// -> starting, ended
        case stopped
        /// The era is being determined. -> running, stopped
        case starting([Ready])
        /// -> stopped
        case running(StdioProcess)
        case ended
    }

    let shared: UpstreamShared
    let key: SessionKey
    let loop: EventLoop
    private let argv: [String]
    private let launcher: any ChildLauncher
    private let children: ChildCount
    private let living = LivingChildren()

    // Used only by the loop's thread.
    var state = State.stopped
    var process: StdioProcess?
    var negotiation = EraNegotiation(guess: nil)
    /// The receiver of resource updates, or nil.
    var listener: ResourceUpdateListener?
    /// True if the child ended at the probe: its end is not a fault, and another one is started at once.
    var startsAgain = false
    private var exits = ExitPauses()
    /// The number of calls in progress.
    private var calls = 0
    /// The number of children that have not ended, including those that are being stopped.
    private var alive = 0
    private var idleTimer: LoopTimer?
    /// The number of launches.
    private var launches: UInt64 = 0
    /// Checks whether the code of the child that is being opened was written meanwhile.
    var changes: (@Sendable () async -> String?)?
    private var closeWaiters: [CheckedContinuation<Void, Never>] = []
    /// True once a child of an agent announced other lists; each later child is then listed at its start.
    private var hasAnnounced = false
    private var turnIsTaken = false
    private var turns: [() -> Void] = []

    init(
        shared: UpstreamShared, key: SessionKey, argv: [String], launcher: any ChildLauncher,
        children: ChildCount, loop: EventLoop
    ) {
        self.shared = shared
        self.key = key
        self.argv = argv
        self.launcher = launcher
        self.children = children
        self.loop = loop
    }

    var limits: UpstreamLimits { shared.limits }
    private var server: ServerName { shared.server }

    func call(_ call: UpstreamCall) async -> UpstreamResponse {
        await withCheckedContinuation { continuation in
            loop.perform {
                self.callBegan()
                StdioCall(call, session: self, continuation).start()
            }
        }
    }

    // MARK: the child

    /// Starts the child unless it runs; `then` runs on the loop.
    func ready(_ then: @escaping Ready) {
        switch state {
        case .running(let process): then(.success(process))
        case .starting(let waiting): state = .starting(waiting + [then])
        case .ended: then(.failure(UpstreamFailure("the session has ended")))
        case .stopped:
            if let reason = shared.quarantine {
                return then(.failure(UpstreamFailure("quarantined: \(reason)")))
            }
            // INVARIANT: a halt takes effect before children are ended, on this loop; so a later request detects it
            // here. Calls of agents are checked by the pipeline.
            if key.agent == nil, shared.isHeld() {
                return then(.failure(UpstreamFailure("the server is halted")))
            }
            guard exits.mayStart(nowNanoseconds: loop.nowNanoseconds) else {
                return then(.failure(UpstreamFailure("the server ended and is not restarted yet")))
            }
            negotiation = EraNegotiation(guess: shared.guess(for: key))
            launch([then], first: negotiation.start())
        }
    }

    func launch(_ waiting: [Ready], first step: EraNegotiation.Step) {
        state = .starting(waiting)
        guard children.enter() else { return refuse("too many servers run at once") }
        alive += 1
        launches += 1
        let number = launches
        living.began(number)
        let configuration = shared.configuration
        let command = ChildCommand(
            server: server, agent: key.agent, argv: argv,
            environment: configuration.environment, code: configuration.code,
            network: configuration.network)
        guard command.code != nil else {
            let launched: Result<LaunchedChild, LaunchFailure>
            do throws(LaunchFailure) { launched = .success(try launcher.launch(command)) } catch {
                launched = .failure(error)
            }
            return take(launched, of: number, first: step)
        }
        Task(executorPreference: loop) {
            let launched = await self.launcher.launchApart(command)
            self.loop.perform { self.take(launched, of: number, first: step) }
        }
    }

    /// - Parameter number: the number of the launch. If it is no longer the current one, the child is ended at once.
    private func take(
        _ launched: Result<LaunchedChild, LaunchFailure>, of number: UInt64,
        first step: EraNegotiation.Step
    ) {
        var isWanted = false
        if case .starting = state { isWanted = number == launches }
        switch launched {
        case .failure(let failure):
            if failure.isOtherCode { shared.note(.otherCode(failure.reason)) }
            if isWanted { refuse("the server cannot be started: \(failure.reason)") }
            gone(number)
        case .success(let child):
            let process = StdioProcess(
                child: child,
                network: ChildNetwork(
                    child.sandbox, shared.configuration.egress, for: key.agent, on: loop),
                number: number, loop: loop, limits: limits,
                redaction: shared.redaction(for: key.agent))
            wire(process)
            living.launched(number, process.group)
            process.start()
            guard isWanted else {
                process.kill("no caller waits for it")
                return process.halt()
            }
            self.process = process
            changes = child.changes
            take(step, process)
        }
    }

    /// Fails all callers that wait for a child.
    func refuse(_ reason: String) {
        guard case .starting(let waiting) = state else { return }
        state = .stopped
        for then in waiting { then(.failure(UpstreamFailure(reason))) }
    }

    private func wire(_ process: StdioProcess) {
        let shared = shared
        let server = server
        let agent = key.agent
        process.onToolsChanged = { [weak self] in self?.listsChanged() }
        process.onResourceUpdated = { [weak self] in self?.heard($0) }
        process.onErrorLine = { shared.report(.stderr(server, agent: agent, line: $0)) }
        process.onFault = { [weak process] fault in
            if shared.note(fault) { process?.kill("quarantined") }
        }
        process.onEnd = { [unowned process] in self.ended(process, reason: $0, expected: $1) }
    }

    private func listsChanged() {
        hasAnnounced = true
        shared.listsChanged(of: key)
    }

    /// True if the child may be listed: an agent's child is listed only while it runs, and is not started for it, since
    /// its agent may be halted.
    var mayList: Bool {
        if case .running = state { return true }
        return key.agent == nil
    }

    func hasOpened() { if hasAnnounced, key.agent != nil { shared.listsChanged(of: key) } }

    func callBegan() { calls += 1 }

    func callEnded() {
        calls -= 1
        rest()
    }

    /// Stops an idle child after `childIdle`. The gateway's own child is kept for its notifications.
    func rest() {
        if let idleTimer { loop.cancel(idleTimer) }
        guard key.agent != nil else { return }
        idleTimer = loop.schedule(after: limits.childIdle) { [weak self] in
            guard let self, case .running(let process) = self.state, self.calls == 0 else {
                return
            }
            self.retire(process)
        }
    }

    /// Stops a child; the next call starts another one.
    func retire(_ process: StdioProcess) {
        guard case .running(let current) = state, current === process else { return }
        state = .stopped
        process.stop()
    }

    /// Retires a child whose answers contradict the determined era.
    func distrust(_ process: StdioProcess) {
        if let version = process.version { shared.forget(version) }
        retire(process)
    }

    func listen() async {}

    func endChild(_ ending: EndingChildren) {
        // Ended at once from the calling thread: the loop may be busy with input of a server or an agent.
        ending.add(living.halt())
        loop.perform {
            guard let process = self.process else {
                // A child that is still being started ends once it is there.
                self.launches += 1
                return self.refuse("it was stopped")
            }
            // A later call gets another child, or none.
            if case .running = self.state { self.state = .stopped }
            process.halt()
        }
    }

    // MARK: its end

    private func ended(_ process: StdioProcess, reason: String, expected: Bool) {
        // A stopped child may end after the next one has been started.
        if self.process === process {
            self.process = nil
            shared.listsEnded(of: key)
            listener?.wake()
            if let idleTimer { loop.cancel(idleTimer) }
            // INVARIANT: a child that was halted during the negotiation is not restarted.
            let comesBack = startsAgain && !expected
            startsAgain = false
            if comesBack, case .starting(let waiting) = state {
                gone(process.number)
                return launch(waiting, first: .initialize(.newest))
            }
            switch state {
            case .running: state = .stopped
            case .starting(let waiting):
                state = .stopped
                let trouble = UpstreamFailure("the server ended while it was started: \(reason)")
                for then in waiting { then(.failure(trouble)) }
            case .stopped, .ended: break
            }
        }
        if !expected {
            shared.report(.exited(server, agent: key.agent, reason: reason))
            exits.note(nowNanoseconds: loop.nowNanoseconds, limits)
            shared.note(.exit(nowNanoseconds: loop.nowNanoseconds))
        }
        gone(process.number)
    }

    /// Notes that a child has ended, or could not be started.
    private func gone(_ number: UInt64) {
        living.ended(number)
        children.leave()
        alive -= 1
        guard alive == 0 else { return }
        let waiters = closeWaiters
        closeWaiters = []
        for waiter in waiters { waiter.resume() }
    }

    func close() async {
        await withCheckedContinuation { continuation in
            loop.perform {
                if case .starting(let waiting) = self.state {
                    for then in waiting {
                        then(.failure(UpstreamFailure("the session has ended")))
                    }
                }
                self.state = .ended
                guard self.alive > 0 else { return continuation.resume() }
                self.closeWaiters.append(continuation)
                self.process?.stop()
            }
        }
    }

    // MARK: turns

    /// Runs calls one after the other if a legacy server may request input, because its requests do not name their
    /// call.
    func takeTurn(_ body: @escaping () -> Void) {
        guard turnIsTaken else {
            turnIsTaken = true
            return body()
        }
        turns.append(body)
    }

    func endTurn() {
        turnIsTaken = !turns.isEmpty
        if turnIsTaken { turns.removeFirst()() }
    }
}

/// The pauses before a child that ended unexpectedly may be restarted: 1, 2, 4 ... 60 s (docs/specs/mcp.md, section
/// 12). Exits are forgotten after `exitWindow`.
struct ExitPauses: Sendable {
    private static let longest = Duration.seconds(60)
    private static let mostDoublings = 16

    private var exits: [UInt64] = []
    private var notBeforeNanoseconds: UInt64 = 0

    func mayStart(nowNanoseconds: UInt64) -> Bool { nowNanoseconds >= notBeforeNanoseconds }

    mutating func note(nowNanoseconds now: UInt64, _ limits: UpstreamLimits) {
        let window = limits.exitWindow.nanosecondsClamped
        exits = Array(exits.filter { now - $0 < window }.suffix(Self.mostDoublings)) + [now]
        let pause = min(limits.firstRetry * (1 << (exits.count - 1)), Self.longest)
        notBeforeNanoseconds = now.addingClamped(pause.nanosecondsClamped)
    }
}
