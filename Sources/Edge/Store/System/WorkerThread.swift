import CLinux
import Glibc
import Synchronization

/// A plain thread for work that blocks in the kernel, which no executor may do.
@safe final class WorkerThread: Sendable {
    private let handle: Mutex<pthread_t?>

    /// - Parameters:
    ///   - name: at most 15 bytes, as seen by `ps -T`.
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

    /// Waits for the end of the body; later calls return at once.
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

/// When a thread runs on a processor that others want too; on one that nobody wants, all run at once.
enum ThreadPriority {
    case even
    /// It interrupts nobody when it wakes, so that what it works on gathers meanwhile.
    case gathering
    /// It leaves the processor to threads that somebody waits for, but for about a tenth.
    case last

    /// Of the calling thread alone, as Linux has it; without effect where it is not allowed.
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

/// Jobs one after the other on a thread of their own.
package final class JobThread: Sendable {
    private struct State {
        var jobs: [@Sendable () -> Void] = []
        var closed = false
    }
    private let state = Mutex(State())
    private let wakeup = Wakeup()
    private let limit: Int
    private let thread = Mutex<WorkerThread?>(nil)

    /// - Parameter limit: jobs that may wait.
    package init(_ name: String, limit: Int) {
        self.limit = limit
        let worker = WorkerThread(name) { [self] in run() }
        thread.withLock { $0 = worker }
    }

    /// - Returns: false when the queue is full or closed; the job will not run.
    package func submit(_ job: @escaping @Sendable () -> Void) -> Bool {
        let accepted = state.withLock { state in
            guard !state.closed, state.jobs.count < limit else { return false }
            state.jobs.append(job)
            return true
        }
        if accepted { wakeup.signal() }
        return accepted
    }

    /// Runs what was submitted, then ends the thread.
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
