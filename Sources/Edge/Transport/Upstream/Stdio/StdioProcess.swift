import CLinux
import InterlockJSON
import InterlockMCP
import InterlockPorts

/// A running stdio server: its messages, answers and end. Used on one loop.
final class StdioProcess: @unchecked Sendable {
    enum Response {
        case result(JSONObject)
        case error(JSONRPCError)
        /// The answer is no valid message, for a reason in one lower-case sentence.
        case garbage(String)
        /// The answer exceeds a limit and was not read.
        case exceeded(ResponseExcess)
        /// No answer will arrive; the reason states the end of the process.
        case ended(reason: String, wasSent: Bool)
    }

    private enum Phase {
        /// -> stopping, ended
        case running
        /// stdin is closed. -> ended
        case stopping
        case ended
    }

    /// The receivers of the server's notifications during a call.
    struct Handlers {
        let progress: (JSONObject) -> Void
        let log: (JSONObject) -> Void
    }

    private struct Pending {
        var reply: (Response) -> Void
        var ears: Handlers?
        /// Handles a request for input of a legacy server; returns false if it does not.
        var question: ((JSONRPCRequest) -> Bool)?
    }

    let loop: EventLoop
    private let limits: UpstreamLimits
    private let writer: PipeWriter
    private var output: PipeReader?
    private var errors: PipeReader?
    private var life: ChildLife?
    let group: ChildGroup
    /// The number of its launch.
    let number: UInt64
    private var framer: LineFramer
    private var stderrLog: StderrLog
    private var phase = Phase.running
    private var pending: [Int64: Pending] = [:]
    private var stopTimer: LoopTimer?
    /// The reason the gateway ended the process, if it did.
    private var cause: String?

    /// The result of the opening, or nil until then.
    var handshake: UpstreamHandshake?
    var version: ProtocolVersion? { handshake?.version }
    private var levels = LevelAgreement()

    var onFault: ((UpstreamConduct.Fault) -> Void)?
    var onToolsChanged: (() -> Void)?
    var onResourceUpdated: ((_ uri: String) -> Void)?
    /// Called once; `expected` is true if the process was stopped by the gateway.
    var onEnd: ((_ reason: String, _ expected: Bool) -> Void)?
    var onErrorLine: ((String) -> Void)?

    private static let halted = "halted by the kill switch"
    /// The time that a killed sandbox has to end before its launcher is killed too.
    private static let killPatience = Duration.seconds(1)
    /// The maximum size of messages that wait for a child that does not read; above it calls are refused.
    private static let pendingBytes = 16 << 20

    init(
        child: LaunchedChild, network: ChildNetwork? = nil, number: UInt64, loop: EventLoop,
        limits: UpstreamLimits, redaction: LogRedaction
    ) {
        self.number = number
        var tell: (String) -> Void = { _ in }
        let life = ChildLife(child: child, network: network, loop: loop) { tell($0) }
        group = life.group
        self.loop = loop
        self.limits = limits
        framer = LineFramer(limitBytes: limits.lineBytes)
        stderrLog = StderrLog(bytesPerMinute: limits.stderrBytesPerMinute, redaction: redaction)
        writer = PipeWriter(descriptor: child.stdin, loop: loop)
        output = PipeReader(
            descriptor: child.stdout, loop: loop, onBytes: { [weak self] in self?.read($0) },
            onEnd: {})
        errors = PipeReader(
            descriptor: child.stderr, loop: loop, onBytes: { [weak self] in self?.log($0) },
            onEnd: {})
        self.life = life
        tell = { self.ended($0) }
    }

    func start() {
        output?.start()
        errors?.start()
        life?.start()
        group.network?.start()
    }

    var isRunning: Bool { if case .running = phase { true } else { false } }

    /// Sends a request; `reply` is called once, later. The bytes are one message without a newline.
    func request(
        _ id: Int64, _ bytes: [UInt8], notices ears: Handlers? = nil,
        question: ((JSONRPCRequest) -> Bool)? = nil, reply: @escaping (Response) -> Void
    ) {
        guard isRunning, !writer.isClosed, writer.pendingBytes <= Self.pendingBytes else {
            _ = loop.schedule(after: .zero) {
                reply(.ended(reason: "the server does not take calls", wasSent: false))
            }
            return
        }
        pending[id] = Pending(reply: reply, ears: ears, question: question)
        writer.send(bytes + [UInt8(ascii: "\n")], id: id)
    }

    func notify(_ bytes: [UInt8]) {
        if isRunning { writer.send(bytes + [UInt8(ascii: "\n")], id: nil) }
    }

    /// Asks a legacy server for log messages from this level up, unless it was asked for as much before.
    func ask(for wanted: LogLevel?, id: () -> Int64) {
        guard let wanted, let handshake, !handshake.version.isModern, handshake.hasLogging,
            levels.ask(for: wanted)
        else { return }
        let id = id()
        request(id, UpstreamMessages.setLevel(id: id, wanted)) { [weak self] reply in
            let isAgreed = if case .result = reply { true } else { false }
            self?.levels.answered(wanted, isAgreed: isAgreed)
        }
    }

    /// Gives up a request; a later answer is dropped.
    /// - Returns: true if the server may have received a part of it.
    func forget(_ id: Int64) -> Bool {
        pending[id] = nil
        return !writer.takeBack(id)
    }

    // MARK: ending

    /// Closes stdin, then sends SIGTERM, then SIGKILL, each after a further step.
    func stop() {
        guard isRunning else { return }
        phase = .stopping
        writer.close()
        stopTimer = loop.schedule(after: limits.stopStep) { [self] in
            group.signal(SIGTERM)
            stopTimer = loop.schedule(after: limits.stopStep) { self.group.signal(SIGKILL) }
        }
    }

    /// Withdraws a request. If the server may have received a part of it, ends the server at once, including everything
    /// it has read and not processed (docs/specs/kill-switch.md, section 4).
    /// - Returns: true if the request was withdrawn. If not, its reply comes with the server's end.
    func halt(_ id: Int64) -> Bool {
        if writer.takeBack(id) {
            pending[id] = nil
            return true
        }
        halt()
        return false
    }

    /// Ends the server at once; this is not counted as a fault.
    func halt() {
        kill(Self.halted)
        if phase == .running { phase = .stopping }
    }

    /// Kills the server at once, for a stated reason.
    func kill(_ reason: String) {
        guard phase != .ended else { return }
        cause = cause ?? reason
        group.signal(SIGKILL)
        guard group.sandbox != nil else { return }
        _ = loop.schedule(after: Self.killPatience) { [group] in group.killLauncher() }
    }

    private func ended(_ how: String) {
        // A halt may have ended it before this loop was notified.
        let expected = phase == .stopping || group.wasHalted
        // Output that was written before its end is still processed.
        output?.drain()
        errors?.drain()
        phase = .ended
        group.network?.stop()
        output?.close()
        errors?.close()
        if let stopTimer { loop.cancel(stopTimer) }
        writer.close()
        for line in stderrLog.finish() { onErrorLine?(line) }
        let open = pending
        pending = [:]
        let reason = cause ?? (group.wasHalted ? Self.halted : how)
        for (id, call) in open {
            call.reply(.ended(reason: reason, wasSent: !writer.takeBack(id)))
        }
        life = nil
        let tell = onEnd
        onEnd = nil
        tell?(reason, expected)
    }

    // MARK: reading

    private func read(_ bytes: [UInt8]) {
        do throws(LineFramer.LineTooLong) {
            for line in try framer.feed(bytes) where !line.isEmpty { take(line) }
        } catch {
            kill("a line on stdout is above \(limits.lineBytes) bytes")
            output?.close()
        }
    }

    private func take(_ line: [UInt8]) {
        let message: JSONRPCMessage
        var parsed: JSONValue?
        do {
            let value = try JSONValue(parsing: line, limits: .upstream)
            parsed = value
            message = try JSONRPCMessage(value)
        } catch {
            onFault?(.badLine)
            // A line of JSON with an id alone can be anything, and the answer still come.
            let isAnswer = parsed.map { $0["result"] != nil || $0["error"] != nil } ?? true
            guard isAnswer, case .integer(let id)? = RequestID(scanning: line) else { return }
            let reason = (error as? InvalidMessage)?.error.message ?? "\(error)"
            let excess = (error as? JSONError).flatMap { ResponseExcess($0) }
            pending.removeValue(forKey: id)?.reply(
                excess.map(Response.exceeded) ?? .garbage("its answer is no message: \(reason)"))
            return
        }
        switch message {
        case .result(.integer(let id), let result): answer(id, .result(result))
        case .error(.integer(let id)?, let error): answer(id, .error(error))
        case .result, .error: onFault?(.strayAnswer)
        case .request(let asked): take(asked)
        case .notification(let method, let params):
            switch UpstreamNotification(method: method, params: params) {
            case .progress(let token, let params): pending[token]?.ears?.progress(params)
            case .message(let params): log(params)
            case .listChanged: onToolsChanged?()
            case .resourceUpdated(let uri): onResourceUpdated?(uri)
            case .other: return
            }
        }
    }

    private func answer(_ id: Int64, _ reply: Response) {
        if let request = pending.removeValue(forKey: id) {
            request.reply(reply)
        } else {
            onFault?(.strayAnswer)
        }
    }

    /// Handles a request of the server. It does not name its call, so it is only passed on if one call alone can be
    /// meant.
    private func take(_ asked: JSONRPCRequest) {
        if version?.isModern == true {
            onFault?(.strayRequest)
            return
        }
        let askable = pending.values.filter { $0.question != nil }
        if askable.count == 1, askable[0].question?(asked) == true { return }
        notify(UpstreamMessages.answer(to: asked))
    }

    /// Passes on a log message, which does not name its call either; it is dropped if several calls could be meant.
    private func log(_ params: JSONObject) {
        let calls = pending.values.compactMap(\.ears)
        if calls.count == 1 { calls[0].log(params) }
    }

    private func log(_ bytes: [UInt8]) {
        for line in stderrLog.take(bytes, nowNanoseconds: loop.nowNanoseconds) {
            onErrorLine?(line)
        }
    }
}
