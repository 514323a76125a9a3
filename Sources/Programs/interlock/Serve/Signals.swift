import CLinux
import Glibc

/// The signals that steer the gateway, taken by one thread that does nothing else.
@safe final class Signals: Sendable {
    enum Kind: Sendable { case reload, end }

    let stream: AsyncStream<Kind>

    /// Blocks the signals in this thread and in all that it starts. Call it before any other thread.
    init() {
        var set = sigset_t()
        _ = unsafe sigemptyset(&set)
        for signal in [SIGTERM, SIGINT, SIGHUP] { _ = unsafe sigaddset(&set, signal) }
        _ = unsafe pthread_sigmask(SIG_BLOCK, &set, nil)
        let (stream, continuation) = AsyncStream.makeStream(of: Kind.self)
        self.stream = stream
        let waiting = Waiting(set: set, continuation: continuation)
        var thread = pthread_t()
        let status = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                unsafe Unmanaged<Waiting>.fromOpaque(context).takeRetainedValue().run()
                return nil
            }, Unmanaged.passRetained(waiting).toOpaque())
        precondition(status == 0, "no thread for signals")
    }

    private final class Waiting {
        private var set: sigset_t
        private let continuation: AsyncStream<Kind>.Continuation

        init(set: sigset_t, continuation: AsyncStream<Kind>.Continuation) {
            self.set = set
            self.continuation = continuation
        }

        func run() {
            while true {
                var signal: Int32 = 0
                guard unsafe sigwait(&set, &signal) == 0 else { continue }
                continuation.yield(signal == SIGHUP ? .reload : .end)
            }
        }
    }
}
