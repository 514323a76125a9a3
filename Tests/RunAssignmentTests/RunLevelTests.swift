import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockRunAssignment
import InterlockTesting
import Synchronization
import Testing

/// Levels, ends and drains of runs, and runs after another generation of the store has begun.
struct RunLevelTests {
    private let cluster = RunCluster()
    private let run = RunNode.run()

    @Test(.requirement("R071"), .timeLimit(.minutes(5)))
    func `a result that raises the level waits for its commit`() async throws {
        let node = try cluster.join(1)
        node.state.withLock { $0.keepsStays = true }
        #expect(await node.request() == .served(by: node.name))
        #expect(await node.service.commit(.clean, of: RunNode.call(1), in: run))
        cluster.store.set(held: true)
        async let isCommitted = node.service.commit(.untrusted, of: RunNode.call(2), in: run)
        try await Task.sleep(for: .milliseconds(20))
        #expect(cluster.store.copy.row(run)?.level == .clean)
        cluster.store.set(held: false)
        #expect(await isCommitted)
        #expect(cluster.store.copy.row(run)?.level == .untrusted)
        // No further commit is needed for a level that the store has.
        cluster.store.set(silent: true)
        #expect(await node.service.commit(.untrusted, of: RunNode.call(3), in: run))
        #expect(await !node.service.commit(.hostile, of: RunNode.call(4), in: run))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a result of a run that the node lost is withheld`() async throws {
        let node = try cluster.join(1)
        node.state.withLock { $0.keepsStays = true }
        #expect(await node.request() == .served(by: node.name))
        node.service.noteExpelled()
        #expect(await !node.service.commit(.clean, of: RunNode.call(1), in: run))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run that has ended is served nowhere`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        try cluster.store.change { table throws(RunTableRefusal) in table.end(run) }
        first.service.end(run)
        #expect(first.state.withLock { $0.lost } == [run])
        #expect(await first.request() == .invalidRun)
        #expect(await second.request() == .invalidRun)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that drains gives its runs away as their calls end`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        first.state.withLock { $0.keepsStays = true }
        #expect(await first.request() == .served(by: first.name))
        #expect(await first.request(RunNode.run(2)) == .served(by: first.name))
        first.service.drain()
        #expect(first.service.counts.assigned == 2)
        #expect(await second.request() == .served(by: first.name), "its call is under way")
        #expect(await first.request(RunNode.run(3)) == .answered(503))
        async let closed: Void = first.service.close(within: .seconds(240))
        first.endStays()
        await closed
        #expect(first.service.counts.assigned == 0)
        #expect(await second.request() == .served(by: second.name))
        #expect(await second.request(RunNode.run(2)) == .served(by: second.name))
    }

    @Test(.timeLimit(.minutes(5)))
    func `what a new generation lost is put back before it is opened`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        first.state.withLock { $0.keepsStays = true }
        let before = cluster.store.copy
        #expect(await first.request() == .served(by: first.name))
        let generation = StoreGeneration("2")
        cluster.store.failOver(to: before, generation)
        #expect(await second.request() == .refused("store.unavailable"), "it is closed")
        #expect(await second.service.restore(in: generation, .first))
        #expect(await first.service.restore(in: generation, .first))
        #expect(await !first.service.restore(in: generation, Incarnation.first.next))
        for node in [first, second] {
            try cluster.store.change { table throws(RunTableRefusal) in
                try table.finishRestoring(node.name, .first, generation: generation)
            }
        }
        #expect(await second.request() == .served(by: first.name))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a generation is not restored while the store does not take the runs`() async throws {
        let node = try cluster.join(1)
        node.state.withLock { $0.keepsStays = true }
        #expect(await node.request() == .served(by: node.name))
        cluster.store.set(silent: true)
        #expect(await !node.service.restore(in: StoreGeneration("2"), .first))
    }
}
