import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// One node with all its parts: what it permits, and the reason why it does not.
@Suite struct ClusterNodeTests {
    private let generation = StoreGeneration("1/100")

    private func reading(_ seconds: Double) -> ClockReading {
        ClockReading(
            wall: Timestamp(microseconds: 1_795_000_000_000_000 + Int64(seconds * 1_000_000)),
            boot: BootTime(microseconds: Int64(seconds * 1_000_000)))
    }

    private func node(_ chain: ClusterChain) throws -> ClusterNode {
        var node = ClusterNode(
            name: ClusterOrganisation.name(1), state: try chain.first(), settings: .standard,
            verifier: chain.organisation.verifier)
        _ = node.handle(.lifecycle(.started(.first)), at: reading(1).boot)
        return node
    }

    /// Sends a heartbeat, which the store answers with this head.
    private func beat(
        _ node: inout ClusterNode, _ head: ChainHead?, at seconds: Double, isOpen: Bool = true,
        generation: StoreGeneration? = nil, storeTime: Double? = nil
    ) -> [ClusterNode.Action] {
        guard let heartbeat = node.heartbeat(at: reading(seconds).boot) else { return [] }
        return node.handle(
            .answered(
                ClusterNode.Answer(
                    heartbeat: heartbeat, generation: generation ?? self.generation,
                    isOpen: isOpen, head: head, storeTime: reading(storeTime ?? seconds).wall,
                    sent: reading(seconds).boot, received: reading(seconds + 0.1).boot)),
            at: reading(seconds + 0.1).boot)
    }

    private func refusal(_ node: ClusterNode, at seconds: Double) -> ClusterNode.Refusal? {
        node.refusal(of: .consequential, at: reading(seconds))
    }

    @Test func `a node permits once a heartbeat was answered, and for 4 s`() throws {
        let chain = try ClusterChain()
        var node = try node(chain)
        #expect(refusal(node, at: 1) == .clock)
        let actions = beat(&node, chain.head, at: 2)
        #expect(actions.isEmpty)
        #expect(refusal(node, at: 2.2) == nil && refusal(node, at: 6) == .lease)
        #expect(node.refusal(of: .lowTierRead, at: reading(6)) == nil)
        #expect(node.storeRefusal(at: reading(2.2)) == nil)
    }

    @Test func `a head that is not applied permits nothing until it is`() throws {
        var chain = try ClusterChain()
        var node = try node(chain)
        try chain.append(.end(ClusterOrganisation.request(1)))
        let actions = beat(&node, chain.head, at: 2)
        #expect(actions == [.generation(.fetch(after: 0))])
        #expect(refusal(node, at: 2.2) == .lease)
        _ = node.handle(.rows(Array(chain.rows[1...])), at: reading(2.3).boot)
        #expect(refusal(node, at: 2.3) == nil)
    }

    @Test func `a broken chain, an expulsion or a wrong clock permits nothing`() throws {
        var chain = try ClusterChain()
        var broken = try node(chain)
        _ = beat(&broken, chain.head, at: 2)
        let other = ChainHead(number: 0, digest: WeakHashing().sha256([1]))
        let actions = broken.handle(
            .peer(ClusterOrganisation.name(1), other), at: reading(2.5).boot)
        #expect(actions == [.chain(.haltOrganisation(.forked(0)))])
        #expect(refusal(broken, at: 2.5) == .broken(.forked(0)))
        var wrong = try node(chain)
        _ = beat(&wrong, chain.head, at: 2, storeTime: 5)
        #expect(refusal(wrong, at: 2.2) == .clock)
        let stepped = ClockReading(wall: reading(5).wall, boot: reading(2.2).boot)
        var sound = try node(chain)
        _ = beat(&sound, chain.head, at: 2)
        #expect(sound.refusal(of: .consequential, at: reading(2.2)) == nil)
        #expect(sound.refusal(of: .consequential, at: stepped) == .clock, "before any answer")
        var expelled = try node(chain)
        _ = beat(&expelled, chain.head, at: 2)
        try chain.append(.expelled(ClusterOrganisation.name(1), .first))
        let gone = expelled.handle(.rows(Array(chain.rows[1...])), at: reading(2.5).boot)
        #expect(gone.suffix(2) == [.lifecycle(.endLease), .lifecycle(.startAgain)])
        #expect(refusal(expelled, at: 2.5) == .notMember)
        _ = expelled.handle(.lifecycle(.started(Incarnation.first.next)), at: reading(3).boot)
        #expect(refusal(expelled, at: 3) == .lease)
        _ = beat(&expelled, chain.head, at: 3)
        #expect(refusal(expelled, at: 3.2) == nil)
    }

    @Test func `a failover within the lease stops what needs the store, and nothing else`() throws {
        let chain = try ClusterChain()
        var node = try node(chain)
        _ = beat(&node, chain.head, at: 2)
        let next = StoreGeneration("2/200")
        let actions = beat(&node, chain.head, at: 3, isOpen: false, generation: next)
        #expect(actions == [.generation(.begin(next))])
        #expect(refusal(node, at: 3.2) == nil, "the lease goes on to its end")
        #expect(node.storeRefusal(at: reading(3.2)) == .generation)
        #expect(refusal(node, at: 6) == .lease, "it was not renewed")
        _ = beat(&node, chain.head, at: 6, generation: next)
        #expect(node.storeRefusal(at: reading(6.2)) == nil)
    }

    @Test func `a node that learnt what the store lost does not renew its lease on a lower head`()
        throws
    {
        var chain = try ClusterChain()
        var node = try node(chain)
        let lower = chain.head
        _ = beat(&node, lower, at: 2)
        // A node that was gone while the generation was opened has the entry, and gives it to this one.
        try chain.append(.end(ClusterOrganisation.request(1)))
        _ = node.handle(.rows(Array(chain.rows[1...])), at: reading(2.5).boot)
        let actions = beat(&node, lower, at: 3)
        #expect(actions == [.generation(.repair(after: lower))])
        #expect(node.storeRefusal(at: reading(3.2)) == .generation)
        #expect(refusal(node, at: 5.9) == nil && refusal(node, at: 6) == .lease)
        _ = beat(&node, chain.head, at: 6)
        #expect(node.storeRefusal(at: reading(6.2)) == nil, "it was put back")
    }

    @Test func `the head of a peer that is no member counts for nothing`() throws {
        let chain = try ClusterChain()
        var node = try node(chain)
        let other = ChainHead(number: 0, digest: WeakHashing().sha256([1]))
        let actions = node.handle(
            .peer(ClusterOrganisation.name(9), other), at: reading(2).boot)
        #expect(actions.isEmpty && node.follower.status == .following)
    }

    @Test func `a node that has not loaded the revision is behind until it has`() throws {
        let revision = WeakHashing().sha256([7])
        let organisation = ClusterOrganisation([(1, .revision(revision, after: nil))])
        var chain = try ClusterChain(organisation)
        var node = try node(chain)
        try chain.append(.revision, [organisation.statement(1)], subject: "policy")
        let rows = node.handle(.rows(Array(chain.rows[1...])), at: reading(1).boot)
        #expect(rows.last == .chain(.drain(revision)))
        _ = beat(&node, chain.head, at: 2)
        #expect(refusal(node, at: 2.2) == .behind)
        _ = node.handle(.loaded(revision), at: reading(2.3).boot)
        #expect(refusal(node, at: 2.3) == nil)
    }

    @Test func `a retired node ends its lease and closes its log`() throws {
        var chain = try ClusterChain()
        let organisation = chain.organisation
        try chain.append(.member, try organisation.admission(1, of: 2), subject: "gw2")
        var node = try node(chain)
        try chain.append(
            .member, try organisation.retirement(2, of: 1), subject: "gw1", node: 2)
        let actions = node.handle(.rows(Array(chain.rows[1...])), at: reading(2).boot)
        #expect(actions.suffix(2) == [.lifecycle(.endLease), .lifecycle(.closeLog)])
        #expect(node.heartbeat(at: reading(3).boot) == nil)
        #expect(refusal(node, at: 3) == .notMember)
    }
}
