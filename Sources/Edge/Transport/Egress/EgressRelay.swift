import CLinux
import Glibc
import InterlockEgress
import InterlockPorts

/// Passes bytes between two sockets until both sides end, a limit is reached or it is stopped. Each direction holds at
/// most one read that the other side did not accept yet. Everything happens on the loop of the sockets.
final class EgressRelay: @unchecked Sendable {
    /// One direction.
    private struct Flow {
        /// Bytes that were read and not sent yet, from `start` on.
        var held: [UInt8] = []
        var start = 0
        /// True once nothing more is read.
        var isEnded = false
        /// True once the end was passed on.
        var isFinished = false
        /// The bytes that were sent.
        var count: UInt64 = 0
        /// The bytes that may still be read.
        var rest: UInt64 = .max
        var hasHeld: Bool { start < held.count }
    }

    /// A step of a direction.
    private enum Step {
        case progress, blocked
        case failed(EgressOutcome.End)
    }

    private let client: EgressSocket
    private let server: EgressSocket
    private let rule: EgressRule
    private let budget: EgressBudget
    private let idle: Duration
    private let deadline: MovingDeadline
    private let loop: EventLoop
    private var up: Flow
    private var down = Flow()
    /// True while a turn is deferred until the other connections of the loop had theirs.
    private var goesOn = false
    private var end: EgressOutcome.End?
    private var completion: CheckedContinuation<EgressOutcome.End, Never>?

    /// - Parameters:
    ///   - first: bytes that were received from the client before the relay began.
    ///   - limit: the bytes that may be read from the client in addition, or nil if they are not counted here. Later
    ///     ones are not read, and the end of the client is then not passed on.
    init(
        client: EgressSocket, server: EgressSocket, first: [UInt8], limit: UInt64?,
        rule: EgressRule, budget: EgressBudget, idle: Duration
    ) {
        self.client = client
        self.server = server
        self.rule = rule
        self.budget = budget
        self.idle = idle
        loop = client.loop
        deadline = MovingDeadline(loop: client.loop)
        up = Flow()
        up.held = first
        if let limit { up.rest = limit }
    }

    var bytesUp: UInt64 { up.count }
    var bytesDown: UInt64 { down.count }

    /// Returns once both sockets are closed.
    func run() async -> EgressOutcome.End {
        guard first() else {
            stop(.limit)
            return .limit
        }
        deadline.passed = { [weak self] in self?.stop(.idle) }
        deadline.set(idle)
        client.onReady = { [weak self] in self?.advance() }
        server.onReady = { [weak self] in self?.advance() }
        advance()
        return await withCheckedContinuation { continuation in
            if let end { return continuation.resume(returning: end) }
            completion = continuation
        }
    }

    /// The first bytes count too.
    private func first() -> Bool { up.held.isEmpty || budget.take(up.held.count, of: rule) }

    /// Closes both sockets.
    func stop(_ reason: EgressOutcome.End) {
        guard end == nil else { return }
        end = reason
        deadline.cancel()
        client.close()
        server.close()
        completion?.resume(returning: reason)
        completion = nil
    }

    private func advance() {
        for _ in 0..<LoopScratch.readsInATurn {
            guard end == nil else { return }
            // A socket that another part closed ends the relay.
            guard !client.isClosed, !server.isClosed else { return stop(.stopped) }
            let steps = [
                step(&up, from: client, to: server, isUp: true),
                step(&down, from: server, to: client, isUp: false),
            ]
            var isBlocked = true
            for step in steps {
                switch step {
                case .failed(let reason): return stop(reason)
                case .progress: isBlocked = false
                case .blocked: continue
                }
            }
            // The answer is complete; what the client would still send has no reader.
            if down.isFinished, up.isFinished || up.rest < .max { return stop(.finished) }
            if isBlocked { return }
        }
        guard !goesOn else { return }
        goesOn = true
        loop.afterOthers { [weak self] in
            self?.goesOn = false
            self?.advance()
        }
    }

    private func step(
        _ flow: inout Flow, from: EgressSocket, to: EgressSocket, isUp: Bool
    ) -> Step {
        if flow.hasHeld {
            guard to.isWritable else { return .blocked }
            return send(&flow, to)
        }
        if flow.isEnded {
            guard !flow.isFinished else { return .blocked }
            flow.isFinished = true
            SocketCalls.finishSending(to.descriptor)
            return .progress
        }
        guard from.isReadable, flow.rest > 0 else { return .blocked }
        var scratch = LoopScratch.take(from: loop)
        defer { LoopScratch.giveBack(&scratch, to: loop) }
        switch SocketCalls.receive(from.descriptor, into: &scratch) {
        case .bytes(let received):
            deadline.set(idle)
            let count = Int(min(UInt64(received), flow.rest))
            if flow.rest < .max { flow.rest -= UInt64(count) }
            if isUp, !budget.take(count, of: rule) { return .failed(.limit) }
            return pass(&flow, scratch, count, to)
        case .wouldBlock:
            from.isReadable = false
            return .blocked
        case .end:
            // The server must not take a part of a body for all of it.
            if flow.rest < .max { return .failed(.broken) }
            flow.isEnded = true
            return .progress
        case .failed: return .failed(.broken)
        }
    }

    /// Sends from the loop's buffer and keeps only what the socket does not accept.
    private func pass(
        _ flow: inout Flow, _ scratch: [UInt8], _ count: Int, _ to: EgressSocket
    ) -> Step {
        var sent = 0
        if to.isWritable {
            switch SocketCalls.send(to.descriptor, scratch, 0..<count) {
            case .bytes(let some): sent = some
            case .wouldBlock: to.isWritable = false
            case .end, .failed: return .failed(.broken)
            }
        }
        flow.count += UInt64(sent)
        if sent < count {
            flow.held = scratch.span.array(sent..<count)
            flow.start = 0
        }
        return .progress
    }

    private func send(_ flow: inout Flow, _ to: EgressSocket) -> Step {
        switch SocketCalls.send(to.descriptor, flow.held, from: flow.start) {
        case .bytes(let count):
            deadline.set(idle)
            flow.count += UInt64(count)
            flow.start += count
            if !flow.hasHeld {
                flow.held = []
                flow.start = 0
            }
            return .progress
        case .wouldBlock:
            to.isWritable = false
            return .blocked
        case .end, .failed: return .failed(.broken)
        }
    }
}

extension SocketCalls {
    /// Sends as many bytes of the range as the socket accepts.
    static func send(_ descriptor: Int32, _ bytes: [UInt8], _ range: Range<Int>) -> Transfer {
        while true {
            let count = unsafe bytes.withUnsafeBytes { buffer in
                let part = unsafe UnsafeRawBufferPointer(rebasing: buffer[range])
                return unsafe CLinux.send(
                    descriptor, part.baseAddress, part.count, Int32(MSG_NOSIGNAL))
            }
            if count >= 0 { return .bytes(count) }
            if errno == EINTR { continue }
            return errno == EAGAIN ? .wouldBlock : .failed
        }
    }
}
