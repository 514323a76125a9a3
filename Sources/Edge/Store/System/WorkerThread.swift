import CLinux
import Glibc
import Synchronization

/// A plain thread for work that blocks in the kernel, which must not run on an executor.
@safe final class WorkerThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// - Parameters:
    ///   - name: at most 15 bytes, as displayed by `ps -T`.
    init(_ name: String, _ priority: ThreadPriority = .even, _ body: @escaping @Sendable () -> Void)
    {
        var thread = pthread_t()
        let task = unsafe Unmanaged.passRetained(Body(run: body, priority: priority)).toOpaque()
        let started = unsafe pthread_create(
            &thread, nil,
            { context in
                guard let context = unsafe context else { return nil }
                let body = unsafe Unmanaged<Body>.fromOpaque(context).takeRetainedValue()
                body.priority.apply()
                body.run()
                return nil
            }, task)
        precondition(started == 0, "no thread is left for `\(name)`")
        _ = unsafe pthread_setname_np(thread, name)
        handle = Mutex(thread)
    }

    /// Waits for the body to end; later calls return at once.
    func join() {
        let thread = handle.withLock { handle in
            defer { handle = nil }
            return handle
        }
        if let thread { pthread_join(thread, nil) }
    }

    private final class Body: Sendable {
        let run: @Sendable () -> Void
        let priority: ThreadPriority
        init(run: @escaping @Sendable () -> Void, priority: ThreadPriority) {
            self.run = run
            self.priority = priority
        }
    }
}

/// The scheduling of a thread on a contended processor; without contention all threads run at once.
enum ThreadPriority {
    case even
    /// Does not preempt other threads when it wakes, so its work accumulates meanwhile.
    case gathering
    /// Yields the processor to latency-critical threads, except for about a tenth of the time.
    case last

    /// Applies to the calling thread only, as Linux defines it; has no effect if it is not permitted.
    fileprivate func apply() {
        switch self {
        case .even: break
        case .gathering:
            var none = sched_param()
            _ = unsafe sched_setscheduler(0, interlock_sched_batch, &none)
        case .last: setpriority(Int32(PRIO_PROCESS.rawValue), 0, 10)
        }
    }
}

/// Runs jobs one after the other on a dedicated thread.
package final class JobThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var closed = false
    }
    private let state = Mutex(State())
    private let wakeup = Wakeup()
    private let limit: Int
    private let thread = Mutex<WorkerThread?>(nil)

    /// - Parameters:
    ///   - limit: the maximum number of waiting jobs.
    ///   - yields: true for work that leaves the processor to all other threads.
    package init(_ name: String, limit: Int, yields: Bool = false) {
        self.limit = limit
        let worker = WorkerThread(name, yields ? .last : .even) { [self] in run() }
        thread.withLock { $0 = worker }
    }

    /// - Returns: false if the queue is full or closed; the job is then not run.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let accepted = state.withLock { state in
            guard !state.closed, state.jobs.count < limit else { return false }
            state.jobs.append(job)
            return true
        }
        if accepted { wakeup.signal() }
        return accepted
    }

    /// Runs the submitted jobs, then ends the thread.
    package func close() {
        state.withLock { $0.closed = true }
        wakeup.signal()
        let worker = thread.withLock { thread in
            defer { thread = nil }
            return thread
        }
        worker?.join()
    }

    private func run() {
        while true {
            let (jobs, closed) = state.withLock { state in
                defer { state.jobs = [] }
                return (state.jobs, state.closed)
            }
            for job in jobs { job() }
            if jobs.isEmpty {
                if closed { return }
                wakeup.wait()
            }
        }
    }
}
