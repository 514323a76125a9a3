import CLinux
import Glibc
import Synchronization

/// Threads for requests that may take long, so that the loop that reads and writes them stays responsive.
///
/// It is an executor: code under `withTaskExecutorPreference(pool)` runs its jobs here, in order of arrival, on any
/// free thread. May be used from any thread.
@safe package final class WorkerPool: TaskExecutor {
    private struct State {
        var jobs: [UnownedJob] = []
        /// The number of `jobs` that were taken.
        var taken = 0
        var isStopping = false

        var waiting: Int { jobs.count - taken }

        mutating func next() -> UnownedJob? {
            guard taken < jobs.count else { return nil }
            defer {
                taken += 1
                if taken == jobs.count || taken > 1024 {
                    jobs.removeFirst(taken)
                    taken = 0
                }
            }
            return jobs[taken]
        }
    }

    /// The niceness of the threads, which leaves about three quarters of a contended processor to the loops.
    private static let niceness: Int32 = 5

    private let state = Mutex(State())
    /// Counts the waiting jobs, plus one for each thread that must end.
    private let wakeup: Int32
    private let limit: Int
    private let name: String
    private let threads: Mutex<[pthread_t]>

    /// - Parameters:
    ///   - name: at most 15 bytes, as displayed by `ps -T`.
    ///   - limit: the number of waiting jobs from which new requests are refused.
    package init(_ name: String, threads count: Int, limit: Int) {
        wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_SEMAPHORE))
        precondition(wakeup >= 0, "no descriptor is left for workers")
        self.limit = limit
        self.name = name
        threads = Mutex([])
        for _ in 0..<max(1, count) {
            guard let thread = startThread({ self.run() }) else {
                preconditionFailure("no thread is left for `\(name)`")
            }
            _ = unsafe pthread_setname_np(thread, name)
            threads.withLock { $0.append(thread) }
        }
    }

    deinit { close(wakeup) }

    /// True if `limit` jobs are waiting, so that a new request should be refused.
    package var isFull: Bool { state.withLock { $0.waiting >= limit } }

    package func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        state.withLock { $0.jobs.append(job) }
        signal()
    }

    /// Ends the threads after the waiting jobs. Jobs enqueued later are never run.
    package func stop() {
        let ending = threads.withLock { threads in
            defer { threads = [] }
            return threads
        }
        state.withLock { $0.isStopping = true }
        for _ in ending { signal() }
        for thread in ending { _ = pthread_join(thread, nil) }
    }

    private func signal() {
        var one: UInt64 = 1
        _ = unsafe write(wakeup, &one, 8)
    }

    private func run() {
        setpriority(Int32(PRIO_PROCESS.rawValue), 0, Self.niceness)
        let executor = unsafe asUnownedTaskExecutor()
        while true {
            var count: UInt64 = 0
            guard unsafe read(wakeup, &count, 8) == 8 else { continue }
            let (job, isStopping) = state.withLock { ($0.next(), $0.isStopping) }
            if let job {
                unsafe job.runSynchronously(on: executor)
            } else if isStopping {
                return
            }
        }
    }
}
