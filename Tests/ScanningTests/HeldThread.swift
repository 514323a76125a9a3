import Synchronization

/// The thread of a search that works only when a test says so, so that what waits for it is known.
final class HeldThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// The number of jobs that it has.
    var waiting: Int { jobs.withLock { $0.count } }

    /// Waits for a job, and runs those that it has, on the thread of the caller.
    ///
    /// - Returns: their number.
    @discardableResult func run() async -> Int {
        while waiting == 0 { await Task.yield() }
        return runAll()
    }

    private func runAll() -> Int {
        let taken = jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        let executor = unsafe asUnownedTaskExecutor()
        for job in taken { unsafe job.runSynchronously(on: executor) }
        return taken.count
    }
}
