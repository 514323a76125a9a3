import InterlockModel
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockScanning

/// The turns of agents at the thread of the search (docs/decisions/0135-agents-take-turns-in-the-search.md).
@Suite(.requirement("R082"), .timeLimit(.minutes(2))) struct SearchQueueTests {
    private let ada = AgentName("ada")!
    private let bob = AgentName("bob")!
    private let thread = HeldThread()
    private let parts = PartLog()
    private let time = TestTime()

    /// The parts that were searched, by the names of their searches.
    private final class PartLog: Sendable {
        private let names = Mutex<[String]>([])
        var all: [String] { names.withLock { $0 } }
        func add(_ name: String) { names.withLock { $0.append(name) } }
        func count(_ name: String) -> Int { all.count { $0 == name } }
    }

    /// A time that advances only while parts are searched.
    private final class TestTime: Sendable {
        private let start = ContinuousClock.now
        private let passed = Mutex(Duration.zero)
        var now: ContinuousClock.Instant { passed.withLock { start + $0 } }
        func pass(_ duration: Duration) { passed.withLock { $0 += duration } }
    }

    private func queue(most: Int) -> SearchQueue {
        SearchQueue(on: thread, most: most) { [time] in time.now }
    }

    /// Begins a search of several parts, and waits until it is in the queue.
    ///
    /// - Parameter cost: the time of each part; that of a turn unless stated.
    private func search(
        _ name: String, of agent: AgentName, parts count: Int = 1,
        cost: Duration = SearchQueue.turn, in queue: SearchQueue
    ) async -> Task<ResultInspection, Never> {
        let waiting = queue.count
        let task = Task { [parts, time] in
            await queue.inspection(for: agent) {
                parts.add(name)
                time.pass(cost)
                return parts.count(name) == count ? .clean : nil
            }
        }
        while queue.count == waiting { await Task.yield() }
        return task
    }

    @Test func `a text behind many costly ones of another agent is next but one`() async {
        let queue = queue(most: 8)
        var searches: [Task<ResultInspection, Never>] = []
        for name in ["a1", "a2", "a3", "a4"] {
            searches.append(await search(name, of: ada, parts: 3, in: queue))
        }
        searches.append(await search("b1", of: bob, in: queue))
        #expect(await thread.run() == 1)
        for search in searches { #expect(await search.value == .clean) }
        let costly = ["a1", "a2", "a3", "a4"].flatMap { [$0, $0, $0] }
        #expect(parts.all == ["a1", "b1"] + costly.dropFirst())
        #expect(queue.count == 0)
    }

    @Test func `costly texts of two agents take turns by parts`() async {
        let queue = queue(most: 8)
        let first = await search("a1", of: ada, parts: 3, in: queue)
        let next = await search("a2", of: ada, in: queue)
        let other = await search("b1", of: bob, parts: 2, in: queue)
        await thread.run()
        #expect(await [first.value, next.value, other.value] == [.clean, .clean, .clean])
        #expect(parts.all == ["a1", "b1", "a1", "b1", "a1", "a2"])
        // The thread has no job while nothing waits, and gets one again.
        #expect(thread.waiting == 0)
        let later = await search("a3", of: ada, in: queue)
        #expect(await thread.run() == 1)
        #expect(await later.value == .clean)
    }

    @Test func `parts that take little time are one turn`() async {
        let queue = queue(most: 8)
        let first = await search("a1", of: ada, parts: 5, cost: SearchQueue.turn / 2, in: queue)
        let other = await search("b1", of: bob, parts: 3, cost: .zero, in: queue)
        await thread.run()
        #expect(await [first.value, other.value] == [.clean, .clean])
        #expect(parts.all == ["a1", "a1", "b1", "b1", "b1", "a1", "a1", "a1"])
    }

    @Test func `what is more than an agent's own is busy, and takes no place of another`() async {
        let queue = queue(most: 2)
        let first = await search("a1", of: ada, in: queue)
        let next = await search("a2", of: ada, in: queue)
        #expect(await queue.inspection(for: ada) { .clean } == .failed(.busy))
        let other = await search("b1", of: bob, in: queue)
        await thread.run()
        #expect(await [first.value, next.value, other.value] == [.clean, .clean, .clean])
        let later = await search("a3", of: ada, in: queue)
        await thread.run()
        #expect(await later.value == .clean)
        #expect(parts.all == ["a1", "b1", "a2", "a3"])
    }

    @Test func `a cancelled search leaves the queue at once`() async {
        let queue = queue(most: 3)
        let first = await search("a1", of: ada, in: queue)
        let cancelled = await search("a2", of: ada, in: queue)
        let other = await search("b1", of: bob, in: queue)
        cancelled.cancel()
        // The thread has not begun.
        #expect(await cancelled.value == .failed(.late))
        #expect(queue.count == 2)
        let last = await search("b2", of: bob, in: queue)
        await thread.run()
        #expect(await [first.value, other.value, last.value] == [.clean, .clean, .clean])
        #expect(parts.all == ["a1", "b1", "b2"])
    }

    @Test func `a search that is cancelled between its parts has no further one`() async {
        let queue = queue(most: 3)
        let first = await search("a1", of: ada, parts: 3, in: queue)
        let other = Task { [parts] in
            await queue.inspection(for: bob) {
                parts.add("b1")
                // It waits for its second part.
                first.cancel()
                return .clean
            }
        }
        while queue.count == 1 { await Task.yield() }
        await thread.run()
        #expect(await [first.value, other.value] == [.failed(.late), .clean])
        #expect(parts.all == ["a1", "b1"])
    }

    @Test func `a search that is cancelled during a part ends after it`() async {
        let queue = queue(most: 3)
        let running = Mutex<Task<ResultInspection, Never>?>(nil)
        let task = Task { [parts] in
            await queue.inspection(for: ada) {
                parts.add("a1")
                running.withLock { $0 }?.cancel()
                return nil
            }
        }
        running.withLock { $0 = task }
        while queue.count == 0 { await Task.yield() }
        let next = await search("a2", of: ada, in: queue)
        await thread.run()
        #expect(await [task.value, next.value] == [.failed(.late), .clean])
        #expect(parts.all == ["a1", "a2"])
    }
}
