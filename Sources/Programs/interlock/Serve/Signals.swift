import CLinux
import Glibc
import InterlockCommandLine

/// The signals that control the gateway. A handler may do very little, so it writes the number into a pipe that a
/// dedicated thread reads.
@safe final class Signals: Sendable {
    enum Kind: Sendable { case reload, end }

    let stream: AsyncStream<Kind>
    /// SIGUSR2: halts everything on this node.
    let halts: AsyncStream<Void>

    /// Must be called only once in a process.
    init() throws(Failure) {
        var ends: [Int32] = [-1, -1]
        guard unsafe pipe2(&ends, O_CLOEXEC) == 0 else {
            throw Failure(.internalError, "there is no pipe for signals")
        }
        unsafe writeEnd = ends[1]
        for number in [SIGTERM, SIGINT, SIGHUP, SIGUSR2] {
            signal(number) { number in
                var byte = UInt8(truncatingIfNeeded: number)
                _ = unsafe write(writeEnd, &byte, 1)
            }
        }
        let (stream, continuation) = AsyncStream.makeStream(of: Kind.self)
        self.stream = stream
        let (halts, halt) = AsyncStream.makeStream(
            of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.halts = halts
        let reader = Reader(readEnd: ends[0], continuation: continuation, halt: halt)
        guard startThread({ reader.run() }) else {
            throw Failure(.internalError, "there is no thread for signals")
        }
    }

    private struct Reader {
        let readEnd: Int32
        let continuation: AsyncStream<Kind>.Continuation
        let halt: AsyncStream<Void>.Continuation

        func run() {
            while true {
                var byte: UInt8 = 0
                let count = unsafe read(readEnd, &byte, 1)
                if count < 0, errno == EINTR { continue }
                guard count == 1 else { return continuation.finish() }
                switch Int32(byte) {
                case SIGUSR2: halt.yield()
                case SIGHUP: continuation.yield(.reload)
                default: continuation.yield(.end)
                }
            }
        }
    }
}

/// Written once before the handlers are set; only they read it.
private nonisolated(unsafe) var writeEnd: Int32 = -1
