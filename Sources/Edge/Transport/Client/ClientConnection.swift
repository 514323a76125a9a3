import CLinux
import Glibc

/// One connection to a server, plain or over TLS. It carries one request after the other and is used only on its
/// client's loop.
///
/// Registered edge-triggered for its lifetime, so that a request costs one write, one read and no other system call.
final class ClientConnection: EventSource, @unchecked Sendable {
    private enum Phase {
        /// -> handshake, busy, closed
        case connecting
        /// -> busy, closed
        case handshake
        /// -> idle, closed
        case busy
        /// -> busy, closed
        case idle(sinceNanoseconds: UInt64)
        case closed
    }

    let origin: HTTPOrigin
    private var stream: ByteStream
    /// The remaining addresses to try if this one cannot be connected.
    private let rest: ArraySlice<SocketAddress>
    private let loop: EventLoop
    private weak var client: ConnectionPool?
    private var phase = Phase.connecting
    private var transfer: HTTPTransfer?
    private var reader = ResponseReader()
    /// Request bytes, to be sent from `outputStart` on when the socket accepts them.
    private var output: [UInt8] = []
    private var outputStart = 0
    /// True after a failed send: a part of a request may have been sent, so the connection must not carry another.
    private var cannotSend = false
    /// True once the server has closed its side; bytes sent before that are still read.
    private var peerClosed = false
    /// True while reading is deferred until the other connections of the loop had their turn.
    private var goesOn = false
    private let connectDeadline: UInt64
    private var timer: LoopTimer?

    private var handshakeDeadline: UInt64 {
        connectDeadline.addingClamped(Self.connectLimit.nanosecondsClamped)
    }

    private static let connectLimit = Duration.seconds(5)
    /// The limit for one address while there are others to try.
    private static let attemptLimit = Duration.seconds(1)
    private static let staleNanoseconds: UInt64 = 60_000_000_000

    /// - Returns: nil if no connection can be started to any of the addresses.
    static func open(
        _ origin: HTTPOrigin, at addresses: ArraySlice<SocketAddress>, client: ConnectionPool
    ) -> ClientConnection? {
        var rest = addresses
        while let address = rest.popFirst() {
            guard let descriptor = address.beginConnecting() else { continue }
            let connection = ClientConnection(descriptor, origin, rest, client)
            let events =
                EventBits.readable | EventBits.writable | EventBits.peerClosed | EventBits.edge
            if client.loop.add(connection, events: events) { return connection }
        }
        return nil
    }

    private init(
        _ descriptor: Int32, _ origin: HTTPOrigin, _ rest: ArraySlice<SocketAddress>,
        _ client: ConnectionPool
    ) {
        self.origin = origin
        self.rest = rest
        self.client = client
        stream = ByteStream(descriptor)
        loop = client.loop
        let limit = rest.isEmpty ? Self.connectLimit : Self.attemptLimit
        connectDeadline = loop.nowNanoseconds.addingClamped(limit.nanosecondsClamped)
        super.init(descriptor: descriptor)
    }

    deinit {
        if case .closed = phase { return }
        SocketCalls.close(descriptor)
    }

    /// The time when it became idle, or 0 while it is not idle.
    var idleSince: UInt64 { if case .idle(let since) = phase { since } else { 0 } }

    // MARK: requests

    /// Returns true if the connection may carry a request: it is open and nothing was received since the last response.
    func isUsable() -> Bool {
        guard case .idle(let since) = phase else { return false }
        // The server may have closed it since the loop last polled; a request sent then is lost with an unknown
        // outcome.
        let isStale = loop.nowNanoseconds &- since >= Self.staleNanoseconds
        if let pinned = origin.pinned, pinned.fault(of: stream) != nil { return false }
        return !isStale && !stream.hasPending && SocketCalls.isSilent(descriptor)
    }

    /// Takes over the transfer; its events come later.
    /// - Returns: false if the connection has just failed and nothing was sent. It is then closed, and another
    ///   connection may carry the transfer.
    func carry(_ transfer: HTTPTransfer, _ request: [UInt8]) -> Bool {
        if case .idle = phase {
            phase = .busy
            switch stream.send(request, from: 0) {
            case .bytes(let count):
                if count > 0 { transfer.noteSent(nowNanoseconds: loop.nowNanoseconds) }
                if count < request.count { hold(request, from: count) }
            case .wouldBlock: hold(request, from: 0)
            case .end, .failed:
                close()
                return false
            }
        } else {
            hold(request, from: 0)
        }
        self.transfer = transfer
        transfer.connection = self
        reader = ResponseReader()
        setTimer()
        return true
    }

    /// Ends the connection. The caller must finish the transfer.
    func drop() {
        detach()
        close()
    }

    private func hold(_ bytes: [UInt8], from start: Int) {
        output = bytes
        outputStart = start
    }

    @discardableResult
    private func detach() -> HTTPTransfer? {
        let transfer = transfer
        transfer?.connection = nil
        self.transfer = nil
        return transfer
    }

    private func close() {
        if case .closed = phase { return }
        phase = .closed
        if let timer { loop.cancel(timer) }
        timer = nil
        loop.remove(self)
        stream.close()
        output = []
        client?.forget(self)
    }

    private func fail(_ kind: ClientFailure.Kind, _ reason: String) {
        let transfer = detach()
        close()
        guard let transfer else { return }
        transfer.deliver(nowNanoseconds: loop.nowNanoseconds)
        transfer.finish(ClientFailure(kind, wasSent: transfer.wasSent, reason))
    }

    // MARK: events

    override func ready(_ events: UInt32) {
        if case .connecting = phase { connected(events) }
        if case .handshake = phase { return shakeHands() }
        // TLS may have to read before it can write.
        if case .busy = phase, stream.isTLS || events & EventBits.writable != 0 { flush() }
        let input = EventBits.readable | EventBits.peerClosed | EventBits.hangUp | EventBits.failed
        // TLS may have to write before it can read.
        guard events & input != 0 || stream.isTLS || cannotSend else { return }
        if events & input & ~EventBits.readable != 0 { peerClosed = true }
        switch phase {
        case .busy: receive()
        case .idle: if !SocketCalls.isSilent(descriptor) { close() }
        case .connecting, .handshake, .closed: return
        }
    }

    private func connected(_ events: UInt32) {
        let interesting = EventBits.writable | EventBits.hangUp | EventBits.failed
        guard events & interesting != 0 else { return }
        guard SocketCalls.error(of: descriptor) == 0 else { return connectingFailed() }
        if let owner = origin.owner {
            // Checked before any byte is sent, since the request may contain a credential.
            let found = SocketOwners().owner(ofPeerOf: descriptor)
            guard found == owner else {
                let shown = found.map { "user \($0)" } ?? "a user that the kernel does not tell"
                return fail(
                    .broken, "the process at its address is of \(shown), and not of \(owner)")
            }
        }
        guard origin.isSecure else {
            phase = .busy
            return
        }
        let tls =
            if let pinned = origin.pinned {
                pinned.tls.connectToNode(descriptor)
            } else {
                client?.context(of: origin)?.connect(descriptor, to: origin)
            }
        guard let tls else {
            return fail(.broken, "its certificate cannot be judged")
        }
        stream = ByteStream(descriptor, tls: tls)
        phase = .handshake
    }

    /// The pending request drives the handshake: its first byte is sent once the server's certificate was accepted.
    private func shakeHands() {
        if let pinned = origin.pinned {
            guard stream.shakeHands() else { return fail(.broken, "the TLS handshake failed") }
            guard stream.isOpen else { return }
            // INVARIANT: no node gets a byte before its key is known to be that of its member entry. Kept by
            // `HostilePeerTests`.
            if let fault = pinned.fault(of: stream) { return fail(.broken, fault) }
        }
        flush()
        if stream.isOpen {
            phase = .busy
            return receive()
        }
        guard output.isEmpty else { return }
        let why = stream.refusal.map { "its certificate is not accepted: \($0)" }
        fail(.broken, why ?? "the TLS handshake failed")
    }

    /// Nothing was sent, so the next address may get the request.
    private func connectingFailed() {
        let request = output
        let transfer = detach()
        close()
        guard let transfer, transfer.isOpen else { return }
        guard let client else {
            return transfer.finish(
                ClientFailure(.broken, wasSent: false, "the server cannot be connected"))
        }
        client.begin(transfer, request, at: origin, rest)
    }

    private func flush() {
        guard outputStart < output.count else { return }
        switch stream.send(output, from: outputStart) {
        case .bytes(let count):
            if count > 0 { transfer?.noteSent(nowNanoseconds: loop.nowNanoseconds) }
            outputStart += count
            if outputStart == output.count {
                output = []
                outputStart = 0
            }
        case .wouldBlock: return
        // Bytes that the peer sent before it closed are read first.
        case .end, .failed:
            output = []
            outputStart = 0
            cannotSend = true
        }
    }

    private func receive() {
        var reads = 0
        while case .busy = phase, let transfer {
            reads += 1
            guard reads <= LoopScratch.readsInATurn else { return receiveLater() }
            var scratch = LoopScratch.take(from: loop)
            let result = stream.receive(into: &scratch)
            var whole = false
            var fault: HTTPFault?
            if case .bytes(let count) = result {
                do throws(HTTPFault) {
                    let used = try reader.read(scratch.span.extracting(0..<count), for: transfer)
                    whole = reader.isDone
                    // Bytes after the response were not requested.
                    if used < count { _ = reader.end() }
                } catch {
                    fault = error
                }
            }
            LoopScratch.giveBack(&scratch, to: loop)
            if let fault {
                return fault.status == 413
                    ? fail(
                        .tooLarge,
                        "the answer is above \(transfer.request.responseLimitBytes) bytes")
                    : fail(.broken, "the answer is no HTTP: \(fault.reason)")
            }
            switch result {
            case .bytes:
                if whole { return finish() }
                transfer.deliver(nowNanoseconds: loop.nowNanoseconds)
            case .wouldBlock:
                if stream.isTLS, !cannotSend { flush() }
                return cannotSend ? fail(.broken, "the connection broke") : ()
            case .end: return reader.end() ? finish() : fail(.broken, "the connection was closed")
            case .failed: return fail(.broken, "the connection broke")
            }
        }
    }

    private func receiveLater() {
        guard !goesOn else { return }
        goesOn = true
        loop.afterOthers { [weak self] in
            self?.goesOn = false
            self?.receive()
        }
    }

    private func finish() {
        let transfer = detach()
        if reader.keepsAlive, output.isEmpty, !cannotSend, !peerClosed, !stream.hasPending,
            !origin.isPublicOnly, !origin.isSingle, let client
        {
            phase = .idle(sinceNanoseconds: loop.nowNanoseconds)
            client.keep(self)
        } else {
            close()
        }
        transfer?.deliver(nowNanoseconds: loop.nowNanoseconds)
        transfer?.finish(nil)
    }

    // MARK: time

    /// Keeps the existing timer if it fires early enough.
    private func setTimer() {
        guard let deadline = nextDeadline else { return }
        if let timer, timer.isPending, timer.deadlineNanoseconds <= deadline { return }
        if let timer { loop.cancel(timer) }
        let now = loop.nowNanoseconds
        let rest = Duration.nanoseconds(Int64(clamping: deadline > now ? deadline - now : 0))
        timer = loop.schedule(after: rest) { [weak self] in self?.timeIsOver() }
    }

    private var nextDeadline: UInt64? {
        guard let transfer else { return nil }
        let deadline = transfer.deadline.nanoseconds
        switch phase {
        case .connecting: return min(deadline, connectDeadline)
        case .handshake: return min(deadline, handshakeDeadline)
        case .busy, .idle, .closed: return deadline
        }
    }

    private func timeIsOver() {
        timer = nil
        guard let transfer else { return }
        let now = loop.nowNanoseconds
        let (deadline, kind) = transfer.deadline
        if deadline <= now {
            return fail(
                kind,
                kind == .idle ? "nothing came for too long" : "the answer took too long")
        }
        if case .connecting = phase, connectDeadline <= now { return connectingFailed() }
        if case .handshake = phase, handshakeDeadline <= now {
            return fail(.broken, "the TLS handshake took too long")
        }
        setTimer()
    }
}
