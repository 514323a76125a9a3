import InterlockModel
import InterlockPorts
import Synchronization

/// Searches on one thread, a part at a time. Agents take turns: a search waits for one turn of each other agent that
/// waits, however many searches these have. The searches of one agent are made in the order in which they came.
///
/// INVARIANT: between two turns of one agent, each other agent that waited has had one. Kept by `TurnQueueTests`,
/// `SearchQueueTests`.
final class SearchQueue: Sendable {
    /// The time of a turn, which ends with the part that is searched then. It is far more than a part of ordinary text
    /// takes: such a text does not wait between its parts for the costly ones of others.
    static let turn = Duration.milliseconds(25)

    /// Searches the next part; nil if there are more. Called on the thread, one call at a time.
    typealias Part = @Sendable () -> ResultInspection?

    private struct Search: Identifiable, Sendable {
        let id: UInt64
        let part: Part
        let continuation: CheckedContinuation<ResultInspection, Never>
    }

    private struct State {
        var queue = TurnQueue<AgentName, Search>()
        /// True while a job for the thread works through the queue, or is about to.
        var isWorking = false
        /// True if the caller of the search whose turn it is does not wait any more.
        var isCancelled = false
    }

    private enum Admission {
        case waits, begins, full
    }

    private let executor: any TaskExecutor
    private let most: Int
    private let now: @Sendable () -> ContinuousClock.Instant
    private let ids = Atomic<UInt64>(0)
    private let state = Mutex(State())

    /// - Parameters:
    ///   - executor: the thread. It gets one job, which ends when nothing waits.
    ///   - most: the most searches of one agent that wait. Those of others do not count, so that no agents, however many,
    ///     take the place of another.
    ///   - now: the time, by which turns are measured.
    init(
        on executor: any TaskExecutor, most: Int,
        now: @escaping @Sendable () -> ContinuousClock.Instant = { .now }
    ) {
        (self.executor, self.most, self.now) = (executor, most, now)
    }

    /// The number of searches that wait for a turn.
    var count: Int { state.withLock { $0.queue.count } }

    /// Calls `part` in the turns of an agent until it answers.
    ///
    /// - Returns: `busy` if too many searches of the agent wait; `late` if the caller's task is cancelled, at once or, during a part,
    ///   after it.
    func inspection(for agent: AgentName, _ part: @escaping Part) async -> ResultInspection {
        guard !Task.isCancelled else { return .failed(.late) }
        let id = ids.wrappingAdd(1, ordering: .relaxed).newValue
        return await withTaskCancellationHandler {
            await withCheckedContinuation { continuation in
                switch admit(Search(id: id, part: part, continuation: continuation), of: agent) {
                case .full: continuation.resume(returning: .failed(.busy))
                case .begins: Task(executorPreference: executor) { self.work() }
                case .waits: break
                }
                // The handler finds nothing if it runs before the search waits.
                if Task.isCancelled { cancel(id) }
            }
        } onCancel: {
            cancel(id)
        }
    }

    private func admit(_ search: Search, of agent: AgentName) -> Admission {
        state.withLock { state in
            guard state.queue.count(of: agent) < most else { return .full }
            state.queue.add(search, of: agent)
            guard !state.isWorking else { return .waits }
            state.isWorking = true
            return .begins
        }
    }

    private func work() {
        while let search = begin() {
            let inspection = turn(of: search)
            if let answer = end(search, inspection) {
                search.continuation.resume(returning: answer)
            }
        }
    }

    /// Searches parts until there is an answer, or the time of a turn has passed.
    private func turn(of search: Search) -> ResultInspection? {
        let start = now()
        repeat {
            if let inspection = search.part() { return inspection }
        } while start.duration(to: now()) < Self.turn && !state.withLock { $0.isCancelled }
        return nil
    }

    private func begin() -> Search? {
        state.withLock { state in
            state.isCancelled = false
            let search = state.queue.begin()
            state.isWorking = search != nil
            return search
        }
    }

    /// Returns the answer; nil if the search has another turn.
    private func end(_ search: Search, _ inspection: ResultInspection?) -> ResultInspection? {
        state.withLock { state in
            if let answer = inspection ?? (state.isCancelled ? .failed(.late) : nil) {
                state.queue.end()
                return answer
            }
            state.queue.end(again: search)
            return nil
        }
    }

    private func cancel(_ id: UInt64) {
        let removed = state.withLock { state -> Search? in
            if state.queue.isInTurn(id) { state.isCancelled = true }
            return state.queue.remove(id)
        }
        removed?.continuation.resume(returning: .failed(.late))
    }
}
