import CLinux
import Glibc

/// One end of a proxied connection: its bytes can be awaited while the connection is set up, and are passed on by an
/// `EgressRelay` afterwards. Registered edge-triggered for its lifetime and used only on its loop.
final class EgressSocket: EventSource, @unchecked Sendable {
    enum Received {
        case bytes([UInt8])
        case end
        case failed
        case timedOut
    }

    let loop: EventLoop
    /// Called after each event instead of resuming a waiting task.
    var onReady: (() -> Void)?
    /// True unless the kernel reported that there is nothing to read.
    var isReadable = true
    var isWritable = true
    private(set) var isClosed = false
    private var waiter: CheckedContinuation<Void, Never>?
    private var timer: LoopTimer?

    init(_ descriptor: Int32, on loop: EventLoop) {
        self.loop = loop
        super.init(descriptor: descriptor)
    }

    /// Takes over the descriptor, which must be non-blocking, also if it fails.
    /// - Returns: nil if the kernel refuses to watch it; the descriptor is then closed.
    static func open(_ descriptor: Int32, on loop: EventLoop) -> EgressSocket? {
        let socket = EgressSocket(descriptor, on: loop)
        let events = EventBits.readable | EventBits.writable | EventBits.peerClosed | EventBits.edge
        guard loop.add(socket, events: events) else {
            SocketCalls.close(descriptor)
            return nil
        }
        return socket
    }

    override func ready(_ events: UInt32) {
        let ending = EventBits.peerClosed | EventBits.hangUp | EventBits.failed
        if events & (EventBits.readable | ending) != 0 { isReadable = true }
        if events & (EventBits.writable | EventBits.hangUp | EventBits.failed) != 0 {
            isWritable = true
        }
        if let onReady { onReady() } else { resume() }
    }

    /// Ends a wait in progress.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        onReady = nil
        loop.remove(self)
        SocketCalls.close(descriptor)
        resume()
    }

    /// Gives the descriptor away; this object is closed then, and the descriptor stays open.
    func release() -> Int32 {
        isClosed = true
        onReady = nil
        loop.remove(self)
        resume()
        return descriptor
    }

    // MARK: waiting

    private func resume() {
        if let timer { loop.cancel(timer) }
        timer = nil
        let waiter = waiter
        self.waiter = nil
        waiter?.resume()
    }

    /// Suspends until an event, the deadline or the close. One task may wait at a time.
    private func wait(until deadline: UInt64) async {
        let now = loop.nowNanoseconds
        let rest = Duration.nanoseconds(Int64(clamping: deadline > now ? deadline - now : 0))
        await withCheckedContinuation { continuation in
            waiter = continuation
            timer = loop.schedule(after: rest) { [weak self] in
                self?.timer = nil
                self?.resume()
            }
        }
    }

    /// Reads what is there, or waits for it.
    func receive(until deadline: UInt64) async -> Received {
        while true {
            if isClosed { return .failed }
            if let received = receiveNow() { return received }
            guard loop.nowNanoseconds < deadline else { return .timedOut }
            await wait(until: deadline)
        }
    }

    /// - Returns: nil if nothing is there.
    func receiveNow() -> Received? {
        guard !isClosed else { return .failed }
        var scratch = LoopScratch.take(from: loop)
        defer { LoopScratch.giveBack(&scratch, to: loop) }
        switch SocketCalls.receive(descriptor, into: &scratch) {
        case .bytes(let count): return .bytes(scratch.span.array(0..<count))
        case .wouldBlock: return nil
        case .end: return .end
        case .failed: return .failed
        }
    }

    /// - Returns: false if the bytes could not all be sent in time.
    func send(_ bytes: [UInt8], until deadline: UInt64) async -> Bool {
        var start = 0
        while start < bytes.count {
            if isClosed { return false }
            switch SocketCalls.send(descriptor, bytes, from: start) {
            case .bytes(let count): start += count
            case .wouldBlock:
                guard loop.nowNanoseconds < deadline else { return false }
                await wait(until: deadline)
            case .end, .failed: return false
            }
        }
        return true
    }

    // MARK: connecting

    enum Connected {
        case socket(EgressSocket)
        /// An error number, or 0 if the deadline passed.
        case failed(Int32)
    }

    /// Connects to exactly this address.
    static func connect(
        _ address: SocketAddress, until deadline: UInt64, on loop: EventLoop,
        _ began: (EgressSocket) -> Void
    ) async -> Connected {
        guard let descriptor = address.beginConnecting() else { return .failed(errno) }
        guard let socket = open(descriptor, on: loop) else { return .failed(ENOMEM) }
        began(socket)
        socket.isWritable = false
        while !socket.isWritable, !socket.isClosed, loop.nowNanoseconds < deadline {
            await socket.wait(until: deadline)
        }
        guard !socket.isClosed else { return .failed(ECANCELED) }
        let error = SocketCalls.error(of: descriptor)
        if socket.isWritable, error == 0 { return .socket(socket) }
        socket.close()
        return .failed(error)
    }
}
