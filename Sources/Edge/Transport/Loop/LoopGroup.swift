import CLinux
import Glibc
import Synchronization

/// The loops of the process, each on its own thread.
@safe package final class LoopGroup: Sendable {
    package let loops: [EventLoop]
    private let threads: Mutex<[pthread_t]>
    private let turn = Atomic<Int>(0)

    /// Also makes the process ignore SIGPIPE: a pipe's reader that goes away is an error to handle.
    /// - Parameters:
    ///   - count: one per core if nil; at least one.
    ///   - name: of the threads, at most 15 bytes, as seen by `ps -T`.
    package init(count: Int? = nil, name: String = "loop") {
        signal(SIGPIPE, SIG_IGN)
        let wanted = count ?? Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))
        loops = (0..<max(1, wanted)).map { _ in EventLoop() }
        var started: [pthread_t] = []
        for loop in loops {
            var thread = pthread_t()
            let context = unsafe Unmanaged.passRetained(loop).toOpaque()
            let status = unsafe pthread_create(
                &thread, nil,
                { context in
                    guard let context = unsafe context else { return nil }
                    unsafe Unmanaged<EventLoop>.fromOpaque(context).takeRetainedValue().run()
                    return nil
                }, context)
            precondition(status == 0, "no thread left for an event loop")
            _ = unsafe pthread_setname_np(thread, name)
            started.append(thread)
        }
        threads = Mutex(started)
    }

    /// The loop whose thread this is.
    package var current: EventLoop? { loops.first { $0.isOnLoop } }

    /// Round robin.
    package func next() -> EventLoop {
        let place = turn.wrappingAdd(1, ordering: .relaxed).oldValue
        return loops[Int(UInt(bitPattern: place) % UInt(loops.count))]
    }

    /// Runs `body`, which takes no time: each loop that it hands work to is woken once, at the end. One thread does
    /// so at a time, and none of the loops' own.
    package func gather(_ body: () -> Void) {
        for loop in loops { loop.holdWakeups() }
        body()
        for loop in loops { loop.releaseWakeups() }
    }

    /// Ends the threads and waits for them. Not from a loop; a second call does nothing.
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
