import InterlockJSON
import InterlockMCP
import InterlockModel
import InterlockPorts

/// One call to a child, from the port's `call` to its answer. Used on the session's loop.
final class StdioCall: CallRounds.Host, @unchecked Sendable {
    private let call: UpstreamCall
    private let session: StdioSession
    private var continuation: CheckedContinuation<UpstreamResponse, Never>?
    private var process: StdioProcess?
    private var id: Int64 = 0
    /// True while a round is in progress at the server.
    private var isOut = false
    /// True if the server received an earlier round.
    private var wasSent = false
    private var hasTurn = false
    private var rounds: CallRounds?
    private var questions: CallQuestions?
    private var clock: CallClock
    private var idleTimer: LoopTimer?
    private var hardTimer: LoopTimer?
    /// True if the child was killed for this call's halt; the call ends with it.
    private var isHalted = false

    var isWaiting: Bool { continuation != nil }
    /// A cancelled call is answered at once.
    var isCancelled: Bool { false }

    init(
        _ call: UpstreamCall, session: StdioSession,
        _ continuation: CheckedContinuation<UpstreamResponse, Never>
    ) {
        self.call = call
        self.session = session
        self.continuation = continuation
        clock = CallClock(limit: call.hardLimit)
    }

    func start() {
        call.cancel.onCancel { [weak self] cause in
            guard let self else { return }
            self.session.loop.perform { self.cancel(cause) }
        }
        rounds = CallRounds(call.input, host: self, loop: session.loop)
        questions = CallQuestions(call.input, host: self, loop: session.loop)
        startClock()
        guard !session.key.declared.isEmpty else { return proceed() }
        session.takeTurn {
            self.hasTurn = true
            self.proceed()
        }
    }

    func proceed() {
        guard continuation != nil else { return endTurn() }
        session.ready { result in
            switch result {
            case .success(let process): self.send(to: process)
            case .failure(let trouble):
                self.finish(
                    .failed(self.wasSent ? .unknown : .notExecuted, reason: trouble.description))
            }
        }
    }

    private func send(to process: StdioProcess) {
        guard continuation != nil else { return }
        self.process = process
        id = session.shared.nextID()
        let envelope = process.version.flatMap {
            $0.isModern
                ? session.shared.envelope(
                    $0, declaring: rounds?.declared ?? [:], logLevel: call.notices?.logLevel) : nil
        }
        process.ask(for: call.notices?.logLevel, id: session.shared.nextID)
        let message = UpstreamMessages.call(
            call.request, id: id, wantsProgress: call.notices?.wantsProgress == true, envelope,
            retry: rounds?.retry)
        isOut = true
        awaitSign()
        process.request(
            id, message,
            notices: StdioProcess.Handlers(
                progress: { params in
                    self.awaitSign()
                    self.call.notices?.progress(params)
                }, log: { self.call.notices?.log($0) }),
            question: questions.map { questions in { questions.take($0) } },
            reply: { self.end($0) })
    }

    // MARK: the end of a round

    private func end(_ reply: StdioProcess.Response) {
        isOut = false
        let isModern = process?.version?.isModern == true
        switch reply {
        case .result(let result):
            wasSent = true
            guard isModern else { return finish(.result(result, bytes: result.serialized())) }
            rounds?.take(result)
        case .error(let error):
            wasSent = true
            refused(error, isModern: isModern)
        case .garbage(let reason):
            wasSent = true
            finish(.failed(.unknown, reason: reason))
        case .exceeded(let excess):
            wasSent = true
            finish(.exceeded(excess))
        case .ended(_, let sent) where isHalted: finish(.cancelled(confirmed: !sent && !wasSent))
        case .ended(let reason, let sent):
            finish(
                .failed(
                    sent || wasSent ? .unknown : .notExecuted,
                    reason: "the server ended in mid-call: \(reason)"))
        }
    }

    private func refused(_ error: JSONRPCError, isModern: Bool) {
        if isModern, let process {
            if error.code == JSONRPCError.unsupportedVersion { session.distrust(process) }
            if let answer = UpstreamResponse(unmet: error) { return finish(answer) }
            return finish(.rpcError(code: error.code, message: error.message))
        }
        rounds?.take(error)
    }

    // MARK: questions of a legacy server

    func pause() {
        clock.stop(nowNanoseconds: session.loop.nowNanoseconds)
        stopTimers()
    }

    func resume() {
        guard continuation != nil else { return }
        startClock()
        awaitSign()
    }

    func tell(_ answer: [UInt8]) {
        if continuation != nil { process?.notify(answer) }
    }

    func abandon(_ reason: String) {
        guard continuation != nil else { return }
        _ = giveUp(reason)
        finish(.failed(.unknown, reason: reason))
    }

    // MARK: time

    private func startClock() {
        let left = clock.start(nowNanoseconds: session.loop.nowNanoseconds)
        hardTimer = session.loop.schedule(after: left) { [weak self] in self?.timeOut() }
    }

    private func awaitSign() {
        if let idleTimer { session.loop.cancel(idleTimer) }
        guard continuation != nil else { return }
        idleTimer = session.loop.schedule(after: call.idleLimit) { [weak self] in self?.timeOut() }
    }

    private func stopTimers() {
        for timer in [idleTimer, hardTimer] {
            if let timer { session.loop.cancel(timer) }
        }
        (idleTimer, hardTimer) = (nil, nil)
    }

    private func timeOut() { finish(.timedOut(giveUp("timeout") ? .unknown : .notExecuted)) }

    // MARK: cancelling

    private func cancel(_ cause: CancelToken.Cause) {
        guard continuation != nil else { return }
        guard cause == .halt, let process else {
            return finish(.cancelled(confirmed: !giveUp("the caller has cancelled")))
        }
        // A server that processes calls one after the other would continue with those in its pipe.
        if process.halt(id), !wasSent { return finish(.cancelled(confirmed: true)) }
        isHalted = true
        if !isOut { finish(.cancelled(confirmed: false)) }
    }

    /// - Returns: true if the server may have received the call; it was then notified.
    private func giveUp(_ reason: String) -> Bool {
        guard continuation != nil, let process, isOut else { return wasSent }
        isOut = false
        guard process.forget(id) else { return wasSent }
        process.notify(UpstreamMessages.cancelled(id: id, reason: reason))
        // A later request for input could be mistaken for one of the next call.
        if hasTurn { session.retire(process) }
        return true
    }

    func finish(_ answer: UpstreamResponse) {
        guard let continuation else { return }
        self.continuation = nil
        stopTimers()
        continuation.resume(returning: answer)
        session.callEnded()
        endTurn()
    }

    private func endTurn() {
        if hasTurn { session.endTurn() }
        hasTurn = false
    }
}
