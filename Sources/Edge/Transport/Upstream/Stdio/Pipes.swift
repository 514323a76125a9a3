import CLinux
import Glibc

/// The non-blocking read end of a child's pipe. Owns the descriptor.
final class PipeReader: EventSource, @unchecked Sendable {
    private let loop: EventLoop
    private var onBytes: (([UInt8]) -> Void)?
    private var onEnd: (() -> Void)?

    init(
        descriptor: Int32, loop: EventLoop, onBytes: @escaping ([UInt8]) -> Void,
        onEnd: @escaping () -> Void
    ) {
        self.loop = loop
        self.onBytes = onBytes
        self.onEnd = onEnd
        super.init(descriptor: descriptor)
    }

    func start() {
        if !loop.add(self, events: EventBits.readable) { close() }
    }

    override func ready(_ events: UInt32) { _ = readOnce() }

    /// Reads the available bytes, for example after the child has ended: at most what a pipe holds (1 MiB), so that
    /// another holder of the write end cannot occupy the loop.
    func drain() {
        var reads = 0
        while reads <= 16, readOnce() { reads += 1 }
    }

    /// - Returns: true if there may be more.
    private func readOnce() -> Bool {
        guard onBytes != nil else { return false }
        var buffer = LoopScratch.take(from: loop)
        let count = unsafe buffer.withUnsafeMutableBytes {
            unsafe read(descriptor, $0.baseAddress, $0.count)
        }
        let cause = errno
        let bytes = count > 0 ? buffer.span.array(0..<count) : []
        LoopScratch.giveBack(&buffer, to: loop)
        if count > 0 {
            onBytes?(bytes)
            return true
        }
        if count < 0, cause == EINTR { return true }
        if count < 0, cause == EAGAIN { return false }
        let end = onEnd
        close()
        end?()
        return false
    }

    func close() {
        guard onBytes != nil else { return }
        onBytes = nil
        onEnd = nil
        loop.remove(self)
        SocketCalls.close(descriptor)
    }
}

/// The non-blocking write end of a child's pipe, with a queue of messages. Owns the descriptor.
final class PipeWriter: EventSource, @unchecked Sendable {
    private let loop: EventLoop
    private var queue: [(id: Int64?, bytes: [UInt8])] = []
    /// The number of bytes of the first message that were written.
    private var sentOfFirst = 0
    private var isWatched = false
    private(set) var isClosed = false
    private(set) var pendingBytes = 0

    init(descriptor: Int32, loop: EventLoop) {
        self.loop = loop
        super.init(descriptor: descriptor)
    }

    func send(_ bytes: [UInt8], id: Int64?) {
        guard !isClosed else { return }
        queue.append((id, bytes))
        pendingBytes += bytes.count
        if queue.count == 1 { write() }
    }

    /// Removes a message of which nothing was written yet.
    /// - Returns: false if it is too late.
    func takeBack(_ id: Int64) -> Bool {
        guard let place = queue.firstIndex(where: { $0.id == id }), place > 0 || sentOfFirst == 0
        else { return false }
        pendingBytes -= queue[place].bytes.count
        queue.remove(at: place)
        return true
    }

    override func ready(_ events: UInt32) {
        if events & EventBits.failed != 0 { return close() }
        write()
    }

    private func write() {
        while let first = queue.first {
            let count = unsafe first.bytes.withUnsafeBytes { buffer in
                let rest = unsafe UnsafeRawBufferPointer(rebasing: buffer[sentOfFirst...])
                return unsafe Glibc.write(descriptor, rest.baseAddress, rest.count)
            }
            if count < 0 {
                if errno == EINTR { continue }
                return errno == EAGAIN ? watch() : close()
            }
            sentOfFirst += count
            pendingBytes -= count
            if sentOfFirst == first.bytes.count {
                queue.removeFirst()
                sentOfFirst = 0
            }
        }
        unwatch()
    }

    private func watch() {
        guard !isWatched else { return }
        isWatched = loop.add(self, events: EventBits.writable)
        if !isWatched { close() }
    }

    private func unwatch() {
        guard isWatched else { return }
        isWatched = false
        loop.remove(self)
    }

    /// Closes the pipe. `takeBack` still finds the queued messages, so that they count as not sent.
    func close() {
        guard !isClosed else { return }
        isClosed = true
        unwatch()
        SocketCalls.close(descriptor)
    }
}
