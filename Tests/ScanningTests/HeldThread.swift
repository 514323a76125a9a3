import Synchronization

/// The thread of a search that works only when a test says so, so that what waits for it is known.
final class HeldThread: TaskExecutor {
    private let jobs = Mutex<[UnownedJob]>([])

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        jobs.withLock { $0.append(job) }
    }

    /// Runs the jobs that it has, on the thread of the caller.
    ///
    /// - Returns: their number.
    @discardableResult func run() -> Int {
        let taken = jobs.withLock { jobs in
            defer { jobs = [] }
            return jobs
        }
        let executor = unsafe asUnownedTaskExecutor()
        for job in taken { unsafe job.runSynchronously(on: executor) }
        return taken.count
    }
}
