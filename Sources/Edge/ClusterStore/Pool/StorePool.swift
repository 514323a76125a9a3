import CPostgreSQL
import InterlockCluster
import InterlockModel
import Synchronization

/// Connections to the store with one call in flight each, on threads of their own (docs/specs/cluster.md, sections 3 and
/// 12). Callers wait in order, within bounds of number and time.
///
/// A call is never cancelled. One that is late, lost or warned is `unknown`, and its connection is closed.
package final class StorePool: StoreCaller {
    /// Makes a connection within the time. Runs on a thread of the pool, which it may block.
    package typealias Connect =
        @Sendable (_ limit: Duration) throws(StoreCallFailure) -> any PooledConnection

    private typealias Answer = Result<[[StoreColumn]], StoreCallFailure>

    private struct Job: Sendable {
        let statement: String
        let values: [StoreValue]
        let continuation: CheckedContinuation<Answer, Never>
    }

    private enum Command: Sendable {
        case connect
        case send(Job, end: BootTime)
        case end
    }

    private struct Shared {
        var state: PoolState
        var callers: Int64 = 0
        /// The jobs of the callers that wait.
        var jobs: [PoolCaller: Job] = [:]
        /// The next command of each connection's thread. `PoolState` gives no second one before the first is done.
        var commands: [Command?]
        /// The time until which the thread that keeps the time sleeps; nil if it sleeps until it is signalled.
        var sleep: BootTime?
    }

    private let settings: PoolSettings
    private let connect: Connect
    private let pause: @Sendable () -> Duration
    private let shared: Mutex<Shared>
    private let threads: [PoolThread]
    private let timer = PoolThread()

    /// Starts the threads, which connect at once. The pool must be closed.
    ///
    /// - Parameter pause: the time between the loss of a connection and the next attempt; by default at random, up to
    ///   one second.
    package init(
        _ settings: PoolSettings = PoolSettings(), pause: (@Sendable () -> Duration)? = nil,
        connect: @escaping Connect
    ) {
        self.settings = settings
        self.connect = connect
        self.pause =
            pause ?? { HeartbeatInterval.reconnect(random: .random(in: 0...UInt64.max)) }
        let state = PoolState(settings)
        threads = (0..<state.count).map { _ in PoolThread() }
        shared = Mutex(Shared(state: state, commands: Array(repeating: nil, count: state.count)))
        for slot in threads.indices {
            threads[slot].start("store-\(slot)") { [self] in serve(slot) }
        }
        timer.start("store-timer") { [self] in keepTime() }
        change { $0.state.start() }
    }

    /// Connects to PostgreSQL.
    ///
    /// - Parameter parameters: a connection string of libpq. It can have a password, so it is never part of a message.
    package convenience init(_ settings: PoolSettings = PoolSettings(), parameters: String) {
        self.init(settings) { limit throws(StoreCallFailure) -> any PooledConnection in
            try StoreConnection(parameters, limit: limit)
        }
    }

    package func run(
        _ statement: String, _ values: [StoreValue]
    ) async throws(StoreCallFailure) -> [[StoreColumn]] {
        let answer: Answer = await withCheckedContinuation { continuation in
            let job = Job(statement: statement, values: values, continuation: continuation)
            change { shared in
                shared.callers += 1
                let caller = PoolCaller(number: shared.callers)
                shared.jobs[caller] = job
                return shared.state.call(caller, at: Self.now)
            }
        }
        return try answer.get()
    }

    /// Refuses the callers that wait and all later ones, and returns once the calls in flight are over and the threads
    /// have ended.
    package func close() {
        change { $0.state.close() }
        for thread in threads { thread.join() }
        timer.signal()
        timer.join()
    }

    /// The number of callers that wait for a connection.
    var waiting: Int { shared.withLock { $0.jobs.count } }

    private static var now: BootTime { BootTime(microseconds: interlock_pg_now() * 1000) }

    /// Changes the state, and gives the work that follows to the threads.
    private func change(_ event: (inout Shared) -> [PoolState.Action]) {
        let (woken, refused, isSooner) = shared.withLock { shared in
            var woken: [Int] = []
            var refused: [(Job, PoolRefusal)] = []
            for action in event(&shared) {
                switch action {
                case .connect(let slot):
                    shared.commands[slot] = .connect
                    woken.append(slot)
                case .send(let caller, let slot, let end):
                    guard let job = shared.jobs.removeValue(forKey: caller) else { continue }
                    shared.commands[slot] = .send(job, end: end)
                    woken.append(slot)
                case .refuse(let caller, let reason):
                    guard let job = shared.jobs.removeValue(forKey: caller) else { continue }
                    refused.append((job, reason))
                case .end(let slot):
                    shared.commands[slot] = .end
                    woken.append(slot)
                }
            }
            guard let next = shared.state.next, shared.sleep.map({ next < $0 }) ?? true else {
                return (woken, refused, false)
            }
            shared.sleep = next
            return (woken, refused, true)
        }
        for slot in woken { threads[slot].signal() }
        if isSooner { timer.signal() }
        for (job, reason) in refused {
            job.continuation.resume(returning: .failure(reason.failure))
        }
    }

    // MARK: Threads

    /// The thread of one connection, which it alone uses.
    private func serve(_ slot: Int) {
        var connection: (any PooledConnection)?
        while true {
            let command = shared.withLock { shared in
                defer { shared.commands[slot] = nil }
                return shared.commands[slot]
            }
            switch command {
            case nil: threads[slot].wait()
            case .connect:
                do throws(StoreCallFailure) {
                    connection = try connect(settings.deadline)
                    change { $0.state.connected(slot: slot, at: Self.now) }
                } catch { lose(slot) }
            case .send(let job, let end):
                let answer = Self.answer(to: job, end: end, connection)
                if case .failure(let failure) = answer, failure.endsConnection {
                    connection = nil
                    lose(slot)
                } else {
                    change { $0.state.finished(slot: slot, at: Self.now) }
                }
                job.continuation.resume(returning: answer)
            case .end: return
            }
        }
    }

    private func lose(_ slot: Int) {
        let pause = pause()
        change { $0.state.lost(slot: slot, at: Self.now, pause: pause) }
    }

    private static func answer(
        to job: Job, end: BootTime, _ connection: (any PooledConnection)?
    ) -> Answer {
        guard let connection else { return .failure(.unknown("there is no connection")) }
        let limit = end - now
        // The thread woke too late. What is not sent leaves the connection in use.
        guard limit > .zero else { return .failure(PoolRefusal.late.failure) }
        do throws(StoreCallFailure) {
            return .success(try connection.run(job.statement, job.values, within: limit))
        } catch { return .failure(error) }
    }

    /// The thread that refuses those who wait too long, and begins attempts to connect.
    private func keepTime() {
        while true {
            change { $0.state.tick(at: Self.now) }
            let (isOver, next) = shared.withLock { shared in
                shared.sleep = shared.state.next
                return (shared.state.isOver, shared.sleep)
            }
            guard !isOver else { return }
            guard let next else {
                timer.wait()
                continue
            }
            // Short steps: the clock by which a thread sleeps stops while the machine does.
            let left = (next - Self.now).microseconds
            if left > 0 { timer.wait(milliseconds: Int32(clamping: min(500, left / 1000 + 1))) }
        }
    }
}
