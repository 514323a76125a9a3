import CLinux
import Glibc
import Synchronization

/// The loops of the process, each on its own thread.
@safe package final class LoopGroup: Sendable {
    package let loops: [EventLoop]
    private let threads: Mutex<[pthread_t]>
    private let turn = Atomic<Int>(0)

    /// Also makes the process ignore SIGPIPE, so that writing to a closed pipe returns an error.
    /// - Parameters:
    ///   - count: the number of loops, at least one; nil for one per core.
    ///   - name: the name of the threads, at most 15 bytes, as displayed by `ps -T`.
    package init(count: Int? = nil, name: String = "loop") {
        signal(SIGPIPE, SIG_IGN)
        let wanted = count ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        loops = (0..<max(1, wanted)).map { _ in EventLoop() }
        var started: [pthread_t] = []
        for loop in loops {
            guard let thread = startThread({ loop.run() }) else {
                preconditionFailure("no thread left for an event loop")
            }
            _ = unsafe pthread_setname_np(thread, name)
            started.append(thread)
        }
        threads = Mutex(started)
    }

    /// The loop of the calling thread, or nil.
    package var current: EventLoop? { loops.first { $0.isOnLoop } }

    /// Returns the loops in turn.
    package func next() -> EventLoop {
        let place = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: place) % UInt(loops.count))]
    }

    /// Runs `body`, which must not block, and wakes each loop that it submitted work to once, at the end. One thread
    /// may do so at a time, and not a loop's own.
    package func gather(_ body: () -> Void) {
        for loop in loops { loop.holdWakeups() }
        body()
        for loop in loops { loop.releaseWakeups() }
    }

    /// Ends the threads and waits for them. Must not be called on a loop; a second call does nothing.
    package func stop() {
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        guard !ending.isEmpty else { return }
        for loop in loops { loop.stop() }
        for thread in ending { _ = pthread_join(thread, nil) }
    }
}

extension LoopGroup {
    /// Runs the work on a loop and blocks this thread until it is done. For threads that exist to wait; must not be
    /// called on a loop of the group.
    package func blocking<Value: Sendable>(_ work: @escaping @Sendable () async -> Value) -> Value {
        let done = eventfd(0, Int32(EFD_CLOEXEC))
        precondition(done >= 0, "no descriptor is left to wait on")
        defer { close(done) }
        let answer = Answer<Value>()
        Task(executorPreference: next()) {
            let value = await work()
            answer.value.withLock { $0 = value }
            var one: UInt64 = 1
            _ = unsafe write(done, &one, 8)
        }
        while true {
            var count: UInt64 = 0
            _ = unsafe read(done, &count, 8)
            if let value = answer.value.withLock({ $0 }) { return value }
        }
    }
}

private final class Answer<Value: Sendable>: Sendable {
    let value = Mutex<Value?>(nil)
}
