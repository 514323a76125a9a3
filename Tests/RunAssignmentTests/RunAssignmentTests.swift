import InterlockCluster
import InterlockModel
import InterlockPorts
import InterlockRunAssignment
import InterlockTesting
import Synchronization
import Testing

/// The runs of two and three nodes, with a store in memory that can be silent, and without a network.
struct RunAssignmentTests {
    private let cluster = RunCluster()
    private let run = RunNode.run()

    private func counted(_ node: RunNode) -> [RunAttachment] {
        node.state.withLock { $0.attachments }
    }

    @Test(.requirement("R071"), .timeLimit(.minutes(5)))
    func `one node serves a run, whichever node its messages come to`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        #expect(await second.request() == .served(by: first.name))
        #expect(await second.request() == .served(by: first.name))
        #expect(await first.request() == .served(by: first.name))
        // The second node asked once, and remembers the answer.
        #expect(cluster.store.claims == 2)
        #expect(counted(first).isEmpty && counted(second).isEmpty)
        #expect(second.service.counts.forwarded == 2 && first.service.counts.assigned == 1)
        #expect(first.service.serves(run) && !second.service.serves(run))
    }

    @Test(.timeLimit(.minutes(5)))
    func `messages that come at once are one claim`() async throws {
        let node = try cluster.join(1)
        cluster.store.set(held: true)
        await withTaskGroup(of: RequestEnd.self) { group in
            for _ in 0..<20 { group.addTask { await node.request() } }
            #expect(await eventually { cluster.store.claims == 1 })
            cluster.store.set(held: false)
            for await end in group { #expect(end == .served(by: node.name)) }
        }
        #expect(cluster.store.claims == 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `another agent's message for the run is refused`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        let other = AgentName("other").unwrapped
        #expect(await first.request(agent: other) == .invalidRun)
        // The store does not say whose run it is.
        #expect(await second.request(agent: other) == .refused("store.unavailable"))
    }

    @Test(.timeLimit(.minutes(5)))
    func `an unused run moves with its next message, and its memory does not`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        cluster.clock.step(.seconds(61))
        first.service.tick()
        #expect(await eventually { !first.service.serves(run) })
        #expect(await eventually { cluster.store.copy.row(run)?.isFree == true })
        #expect(await second.request() == .served(by: second.name))
        let attached = RunAttachment(
            run: run, agent: RunNode.agent, home: "gw1", level: .clean,
            hasLostMemory: true)
        #expect(counted(second) == [attached])
        #expect(second.service.counts.moved == 1)
        // Its sessions end by themselves: nothing of it was under way.
        #expect(first.state.withLock { $0.lost.isEmpty })
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run that comes back to the process that freed it keeps its memory`() async throws {
        let node = try cluster.join(1)
        #expect(await node.request() == .served(by: node.name))
        cluster.clock.step(.seconds(61))
        node.service.tick()
        #expect(await eventually { cluster.store.copy.row(run)?.isFree == true })
        #expect(await node.request() == .served(by: node.name))
        #expect(counted(node).map(\.hasLostMemory) == [false])
        #expect(counted(node).map(\.home) == [nil])
        #expect(node.service.counts.moved == 0)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run is not freed while a request of it is open`() async throws {
        let node = try cluster.join(1)
        node.state.withLock { $0.keepsStays = true }
        #expect(await node.request() == .served(by: node.name))
        cluster.clock.step(.seconds(600))
        node.service.tick()
        #expect(node.service.serves(run))
        node.endStays()
        node.service.tick()
        #expect(node.service.serves(run), "it was used until now")
        cluster.clock.step(.seconds(60))
        node.service.tick()
        #expect(await eventually { node.service.counts.assigned == 0 })
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run of a lost node is tainted at the next one, and a late message of it is refused`()
        async throws
    {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        try cluster.store.change { table throws(RunTableRefusal) in
            try table.expel(RunCluster.node(1), .first)
        }
        second.service.expel(first.name)
        #expect(cluster.abandoned == [first.name.text])
        #expect(await second.request() == .served(by: second.name))
        #expect(counted(second).map(\.level) == [.untrusted])
        #expect(counted(second).map(\.hasLostMemory) == [true])
        first.service.noteExpelled()
        #expect(first.state.withLock { $0.lost } == [run])
        #expect(await first.request() == .refused("store.unavailable"))
        let next = Incarnation.first.next
        try cluster.store.change { table throws(RunTableRefusal) in
            try table.join(RunCluster.node(1), next)
        }
        first.service.begin(next)
        #expect(await first.request() == .served(by: second.name))
    }

    @Test(.timeLimit(.minutes(5)))
    func `without the store a new run is refused and a known one is served`() async throws {
        let node = try cluster.join(1)
        #expect(await node.request() == .served(by: node.name))
        cluster.store.set(silent: true)
        #expect(await node.request() == .served(by: node.name))
        #expect(await node.request(RunNode.run(2)) == .refused("store.unavailable"))
        cluster.store.set(silent: false)
        #expect(await node.request(RunNode.run(2)) == .served(by: node.name))
    }

    @Test(.timeLimit(.minutes(5)))
    func `a claim whose answer was lost is made again, and nothing of before is trusted`()
        async throws
    {
        let node = try cluster.join(1)
        cluster.store.set(losesAnswers: true)
        #expect(await node.request() == .refused("store.unavailable"))
        cluster.store.set(losesAnswers: false)
        #expect(await node.request() == .served(by: node.name))
        #expect(counted(node).map(\.hasLostMemory) == [true])
        #expect(node.service.counts.moved == 0)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a run that cannot be recorded is not served, and the next message tries again`()
        async throws
    {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        try cluster.store.change { table throws(RunTableRefusal) in
            try table.expel(RunCluster.node(1), .first)
        }
        second.state.withLock { $0.records = false }
        #expect(await second.request() == .refused("store.unavailable"))
        #expect(await second.request() == .refused("store.unavailable"))
        second.state.withLock { $0.records = true }
        #expect(await second.request() == .served(by: second.name))
        #expect(counted(second).count == 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a node that does not serve the run is asked about twice more, then the run moves`()
        async throws
    {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        cluster.cutOff(first, wasSent: false)
        #expect(await second.request() == .answered(503))
        #expect(cluster.store.claims == 4)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a message that may have reached a lost node is not sent again`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        cluster.cutOff(first, wasSent: true)
        #expect(await second.request() == .refused("cluster.node_lost"))
        #expect(second.service.counts.forwarded == 1)
    }

    @Test(.timeLimit(.minutes(5)))
    func `a message goes over one node at most`() async throws {
        let (first, second) = (try cluster.join(1), try cluster.join(2))
        #expect(await first.request() == .served(by: first.name))
        #expect(await second.request(from: "gw3") == .answered(421))
        #expect(second.service.counts.forwarded == 0)
        #expect(await second.request(from: "not a node") == .invalidRun)
    }
}
