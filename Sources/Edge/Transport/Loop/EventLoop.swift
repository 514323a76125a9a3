import CLinux
import Synchronization

/// One thread that waits on epoll and runs Swift jobs between two waits.
///
/// It is an executor: a task started with `Task(executorPreference: loop)` runs its jobs here, and state of one loop
/// needs no lock. Everything except `post`, `perform`, `enqueue`, `isOnLoop` and `stop` must be called on the loop's
/// own thread.
@safe package final class EventLoop: SerialExecutor, TaskExecutor {
    private enum Work {
        case job(UnownedJob)
        case call(@Sendable () -> Void)
    }

    private struct Slot {
        var source: EventSource?
        /// Distinguishes an event of a closed descriptor from one of its successor with the same number.
        var generation: UInt32 = 0
    }

    /// Rounds of jobs enqueued by jobs before the descriptors are polled again.
    private static let roundsPerWait = 16
    private static let eventsPerWait = 256

    private let epoll: Int32
    private let wakeup: Int32
    private let inbox = Mutex<[Work]>([])
    /// True if the inbox may hold work that the loop has not taken.
    private let hasInbox = Atomic<Bool>(false)
    /// True while the loop sleeps in the kernel or is about to, so that only a signal brings it to its inbox.
    private let isAsleep = Atomic<Bool>(false)
    private let thread = Atomic<UInt>(0)
    /// The thread between `holdWakeups` and `releaseWakeups`.
    private let holder = Atomic<UInt>(0)

    // Used only by the loop's thread.
    @safe private nonisolated(unsafe) var local: [Work] = []
    /// Work of other threads, in order.
    @safe private nonisolated(unsafe) var arrived: [Work] = []
    @safe private nonisolated(unsafe) var serving: [Work] = []
    /// Work of this thread that is run after the next poll.
    @safe private nonisolated(unsafe) var deferred: [() -> Void] = []
    @safe private nonisolated(unsafe) var slots: [Slot] = []
    @safe private nonisolated(unsafe) var timers = TimerHeap()
    @safe private nonisolated(unsafe) var stopping = false
    /// Nanoseconds of the monotonic clock at the last return from the kernel.
    @safe private(set) nonisolated(unsafe) var nowNanoseconds: UInt64 = monotonicNanoseconds()
    /// `nowNanoseconds` as a duration, for values that measure time.
    var now: Duration { .nanoseconds(Int64(clamping: nowNanoseconds)) }
    /// Buffers for reading sockets and building responses; used only between two jobs, never across them.
    @safe nonisolated(unsafe) var scratch = LoopScratch()

    package init() {
        epoll = epoll_create1(Int32(EPOLL_CLOEXEC))
        wakeup = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
        precondition(epoll >= 0 && wakeup >= 0, "no descriptors left for an event loop")
        var event = unsafe epoll_event(
            // Edge-triggered: each signal is reported once, and none has to be read.
            events: EventBits.readable | EventBits.edge, data: epoll_data_t(u64: UInt64.max))
        let added = unsafe epoll_ctl(epoll, EPOLL_CTL_ADD, wakeup, &event)
        precondition(added == 0, "the kernel refused the loop's own descriptor")
    }

    deinit {
        close(epoll)
        close(wakeup)
    }

    package var isOnLoop: Bool { thread.load(ordering: .relaxed) == UInt(pthread_self()) }
    package func isIsolatingCurrentContext() -> Bool? { isOnLoop }
    package func checkIsolated() { precondition(isOnLoop, "called off the event loop") }

    package func enqueue(_ job: consuming ExecutorJob) { submit(.job(UnownedJob(job))) }

    /// Runs `body` on the loop, after everything posted before. May be called from any thread.
    package func post(_ body: @escaping @Sendable () -> Void) { submit(.call(body)) }

    /// Runs `body` at once if called on the loop, otherwise posts it.
    package func perform(_ body: @escaping @Sendable () -> Void) {
        if isOnLoop { body() } else { post(body) }
    }

    /// Runs `body` once in the next turn, after everything that is ready now. Must be called on the loop's thread. For
    /// work that could otherwise continue as long as a peer sends.
    func afterOthers(_ body: @escaping () -> Void) { deferred.append(body) }

    private func submit(_ work: Work) {
        if isOnLoop { return local.append(work) }
        let first = inbox.withLock { inbox in
            inbox.append(work)
            return inbox.count == 1
        }
        guard first else { return }
        hasInbox.store(true, ordering: .sequentiallyConsistent)
        if holder.load(ordering: .relaxed) != UInt(pthread_self()) { wake() }
    }

    /// INVARIANT: either this sees that the loop sleeps, or the loop, before it sleeps, sees that the inbox has work.
    private func wake() {
        guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
        var one: UInt64 = 1
        _ = unsafe write(wakeup, &one, 8)
    }

    /// Holds back the wake-ups for work that this thread submits, until `releaseWakeups`. One thread may do so at a
    /// time.
    func holdWakeups() { holder.store(UInt(pthread_self()), ordering: .relaxed) }

    /// Sends the held wake-ups.
    /// INVARIANT: afterwards a non-empty inbox has its wake-up; other threads may have appended to the held work.
    func releaseWakeups() {
        holder.store(0, ordering: .relaxed)
        if inbox.withLock({ !$0.isEmpty }) { wake() }
    }

    /// Ends `run` after the jobs that are ready. Jobs enqueued later are never run.
    package func stop() { post { self.stopping = true } }

    // MARK: descriptors

    /// - Returns: false if the kernel refuses (limit of watches, or a plain file).
    func add(_ source: EventSource, events: UInt32) -> Bool {
        let fd = Int(source.descriptor)
        while slots.count <= fd { slots.append(Slot()) }
        slots[fd].generation &+= 1
        slots[fd].source = source
        let added = control(EPOLL_CTL_ADD, source.descriptor, events)
        if !added { slots[fd].source = nil }
        return added
    }

    func change(_ source: EventSource, events: UInt32) {
        _ = control(EPOLL_CTL_MOD, source.descriptor, events)
    }

    /// Must be called before the descriptor is closed.
    func remove(_ source: EventSource) {
        let fd = Int(source.descriptor)
        guard fd < slots.count, slots[fd].source === source else { return }
        slots[fd].source = nil
        _ = epoll_ctl(epoll, EPOLL_CTL_DEL, source.descriptor, nil)
    }

    private func control(_ operation: Int32, _ fd: Int32, _ events: UInt32) -> Bool {
        let key = UInt64(slots[Int(fd)].generation) << 32 | UInt64(UInt32(bitPattern: fd))
        var event = unsafe epoll_event(events: events, data: epoll_data_t(u64: key))
        return unsafe epoll_ctl(epoll, operation, fd, &event) == 0
    }

    private func dispatch(key: UInt64, events: UInt32) {
        if key == UInt64.max { return }
        let fd = Int(key & 0xffff_ffff)
        guard fd < slots.count, UInt64(slots[fd].generation) == key >> 32 else { return }
        slots[fd].source?.ready(events)
    }

    private func drainInbox() {
        // Cleared before the inbox is taken: in the reverse order work could wait unseen.
        hasInbox.store(false, ordering: .sequentiallyConsistent)
        inbox.withLock { inbox in
            arrived += inbox
            inbox.removeAll(keepingCapacity: true)
        }
    }

    /// Runs the work that other threads submitted. Called after each job, so that it waits for one job instead of all
    /// that are ready, some of which parse large bodies.
    private func serveInbox() {
        if hasInbox.load(ordering: .relaxed) { drainInbox() }
        guard !arrived.isEmpty else { return }
        swap(&serving, &arrived)
        for work in serving { run(work) }
        serving.removeAll(keepingCapacity: true)
    }

    private func run(_ work: Work) {
        switch work {
        case .job(let job):
            unsafe job.runSynchronously(
                isolatedTo: asUnownedSerialExecutor(), taskExecutor: asUnownedTaskExecutor())
        case .call(let body): body()
        }
    }

    // MARK: timers

    /// Runs `body` once, not before `delay` has passed. Timers with equal deadlines run in order of creation.
    package func schedule(after delay: Duration, _ body: @escaping () -> Void) -> LoopTimer {
        let timer = LoopTimer(
            deadlineNanoseconds: nowNanoseconds.addingClamped(delay.nanosecondsClamped), body: body)
        timers.insert(timer)
        return timer
    }

    package func cancel(_ timer: LoopTimer) { timers.cancel(timer) }

    /// Suspends the caller, which must run on this loop.
    package func sleep(for delay: Duration) async {
        await withCheckedContinuation { continuation in
            perform { _ = self.schedule(after: delay) { continuation.resume() } }
        }
    }

    // MARK: running

    /// Returns how long the kernel may wait for a descriptor. From here on, other threads signal new work.
    private func waitMilliseconds() -> Int32 {
        guard local.isEmpty, arrived.isEmpty, deferred.isEmpty else { return 0 }
        isAsleep.store(true, ordering: .sequentiallyConsistent)
        return hasInbox.load(ordering: .sequentiallyConsistent)
            ? 0 : timers.waitMilliseconds(now: nowNanoseconds)
    }

    /// Runs the loop until `stop`. The calling thread becomes the loop's thread.
    func run() {
        thread.store(UInt(pthread_self()), ordering: .relaxed)
        defer { thread.store(0, ordering: .relaxed) }
        var events = unsafe [epoll_event](repeating: epoll_event(), count: Self.eventsPerWait)
        var batch: [Work] = []
        while true {
            for _ in 0..<Self.roundsPerWait where !local.isEmpty {
                swap(&batch, &local)
                for work in batch {
                    run(work)
                    serveInbox()
                }
                batch.removeAll(keepingCapacity: true)
            }
            serveInbox()
            if stopping { return }
            let ready = unsafe epoll_wait(
                epoll, &events, Int32(Self.eventsPerWait), waitMilliseconds())
            isAsleep.store(false, ordering: .relaxed)
            nowNanoseconds = monotonicNanoseconds()
            for index in 0..<max(0, Int(ready)) {
                unsafe dispatch(key: events[index].data.u64, events: events[index].events)
                serveInbox()
            }
            while let timer = timers.popExpired(now: nowNanoseconds) { timer.fire() }
            guard !deferred.isEmpty else { continue }
            let turns = deferred
            deferred = []
            for body in turns {
                body()
                serveInbox()
            }
        }
    }
}

func monotonicNanoseconds() -> UInt64 {
    var time = timespec()
    _ = unsafe clock_gettime(CLOCK_MONOTONIC, &time)
    return UInt64(time.tv_sec) * 1_000_000_000 + UInt64(time.tv_nsec)
}

extension UInt64 {
    func addingClamped(_ other: UInt64) -> UInt64 {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? .max : sum
    }
}

extension Duration {
    /// Whole nanoseconds: zero if negative, at most about 584 years.
    var nanosecondsClamped: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        let (whole, overflow) = UInt64(seconds).multipliedReportingOverflow(by: 1_000_000_000)
        return overflow ? .max : whole.addingClamped(UInt64(attoseconds) / 1_000_000_000)
    }
}
