import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// Runs after a failover that lost commits: each node puts back what it serves and what it freed.
struct RunRouterGenerationTests {
    private let start = AssignmentCase.start
    private let run = AssignmentCase.run()
    private let generation = StoreGeneration("2/b")

    @Test func `a claim that a failover lost is put back before another is made`() throws {
        var cluster = try DirectRouters()
        let standby = cluster.table
        cluster.message(1, 0, isCall: true)
        cluster.handle(.result(AssignmentCase.call(1), run, .hostile), 0)
        cluster.table = standby
        cluster.table.restart(generation: generation)
        let closed = cluster.message(2, 1)
        #expect(closed == [.refuses(2, .storeUnavailable)])
        let own = cluster.message(3, 0)
        #expect(own == [.serves(3)], "what is served goes on")
        try cluster.beat(1, generation)
        try cluster.beat(2, generation)
        let still = cluster.message(4, 1)
        #expect(still == [.refuses(4, .storeUnavailable)] && !cluster.table.isOpen)
        try cluster.beat(0, generation)
        #expect(cluster.table.isOpen)
        let row = try #require(cluster.table.row(run))
        #expect(row.node == AssignmentCase.node(0) && row.level == .hostile && row.calls == 64)
        cluster.message(5, 1)
        #expect(cluster.done.last?.node == 0 && cluster.done.last?.action == .serves(5))
        try cluster.beat(0, generation)
        #expect(cluster.routers[0].restoredGeneration == nil, "the store knows")
    }

    @Test func `what a failover lost of a freed run is put back too`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        let standby = cluster.table
        cluster.handle(.result(AssignmentCase.call(1), run, .hostile), 0)
        cluster.handle(.finished(RunMessage(1), run), 0)
        cluster.handle(.drain, 0)
        cluster.table = standby
        cluster.table.restart(generation: generation)
        for node in 0..<3 { try cluster.beat(node, generation) }
        let moved = cluster.message(2, 1)
        guard case .attach(_, let assignment) = moved.first else {
            Issue.record("\(moved)")
            return
        }
        #expect(assignment.level == .hostile && assignment.term == 2)
        #expect(assignment.origin == .freed(AssignmentCase.node(0)))
    }

    @Test func `a later claim wins over the run of an earlier one`() throws {
        for order in [[0, 1, 2], [1, 0, 2]] {
            var cluster = try DirectRouters()
            let standby = cluster.table
            cluster.message(1, 0)
            cluster.handle(.finished(RunMessage(1), run), 0)
            cluster.handle(.tick, 0, at: start + .seconds(60))
            cluster.message(2, 1)
            cluster.table = standby
            cluster.table.restart(generation: generation)
            for node in order { try cluster.beat(node, generation) }
            for node in order { try cluster.beat(node, generation) }
            #expect(cluster.table.isOpen && cluster.table.row(run)?.node == AssignmentCase.node(1))
            #expect(cluster.routers[1].term(of: run) == 2)
            #expect(cluster.table.row(run)?.isFree == false)
        }
    }

    @Test func `a row that no node puts back is tainted`() throws {
        var cluster = try DirectRouters()
        cluster.message(1, 0)
        cluster.handle(.finished(RunMessage(1), run), 0)
        cluster.handle(.tick, 0, at: start + .seconds(60))
        cluster.table.restart(generation: generation)
        // The node has forgotten what it freed.
        cluster.routers[0] = RunRouter(AssignmentCase.node(0), .first)
        for node in 0..<3 { try cluster.beat(node, generation) }
        let moved = cluster.message(2, 1)
        guard case .attach(_, let assignment) = moved.first else {
            Issue.record("\(moved)")
            return
        }
        #expect(assignment.level == .untrusted)
    }
}
