import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Snapshots, and the uses of ended requests that are dropped by them.
@Suite struct ChainSnapshotTests {
    private let month = Duration.seconds(30 * 86_400)

    private func use(_ request: UInt8, _ number: Int64 = 1) -> NarrowingChange {
        .use(
            GrantUse(
                request: ClusterOrganisation.request(request), number: number,
                call: WeakHashing().sha256([1]), intent: WeakHashing().sha256([2])))
    }

    /// A chain: uses of two requests, the end of one, a halt, a snapshot, and one that drops by it 30 days later.
    private func made() throws -> (chain: ClusterChain, before: ChainState) {
        var chain = try ClusterChain()
        try chain.append(use(1))
        try chain.append(use(1, 2))
        try chain.append(use(2))
        try chain.append(.end(ClusterOrganisation.request(1)))
        try chain.append(.halt(try chain.organisation.halt(1)))
        try chain.snapshot(of: try chain.follower().state)
        chain.pass(month)
        let state = try chain.follower().state
        try chain.snapshot(of: state, drops: 6)
        return (chain, state)
    }

    @Test func `a node that reads the chain without dropped rows comes to the same state`() throws {
        let made = try made()
        var chain = made.chain
        let numbers = made.before.droppable(by: 6)
        #expect(numbers == [1, 2])
        let before = try chain.follower()
        for number in numbers { chain.drop(number) }
        let after = try chain.follower()
        #expect(after.status == .following && after.head == before.head)
        #expect(after.state == before.state && after.isSound)
        #expect(after.state.requests.isEnded(ClusterOrganisation.request(1)))
        #expect(!after.state.requests.isEnded(ClusterOrganisation.request(2)))
    }

    @Test func `nothing is permitted while dropped rows wait for their snapshot`() throws {
        var chain = try made().chain
        chain.drop(1)
        chain.lose(1)
        let follower = try chain.follower()
        #expect(follower.status == .following && !follower.isSound)
        #expect(follower.state.snapshot(at: chain.now, hashing: WeakHashing()) == nil)
    }

    @Test func `a row that is hidden as if it had been dropped is found`() throws {
        for number: Int64 in [3, 5] {
            var chain = try made().chain
            chain.drop(1)
            chain.drop(2)
            chain.hide(number)
            let follower = try chain.follower()
            #expect(follower.status == .broken(.otherState(7)), "entry \(number)")
        }
    }

    @Test func `only uses are dropped`() throws {
        var chain = try made().chain
        chain.drop(4)
        #expect(try chain.follower().status == .broken(.wrongDigest(4)))
    }

    @Test func `a snapshot of another state breaks the chain of the node that sees it`() throws {
        var chain = try ClusterChain()
        try chain.append(
            .snapshot(ChainSnapshot(state: WeakHashing().sha256([1]), after: 0)))
        #expect(try chain.follower().status == .broken(.otherState(1)))
    }

    @Test func `a snapshot that another entry came before is void`() throws {
        var chain = try ClusterChain()
        let snapshot = try #require(
            try chain.first().snapshot(at: chain.now, hashing: WeakHashing()))
        try chain.append(use(1))
        try chain.append(.snapshot(snapshot))
        let follower = try chain.follower()
        #expect(follower.status == .following && follower.head.number == 2)
        #expect(follower.state.snapshots.droppable(at: chain.now + month + month) == nil)
    }

    @Test func `a snapshot after an entry that is not there shows that entries are missing`()
        throws
    {
        var chain = try ClusterChain()
        try chain.append(use(1))
        let snapshot = try #require(
            try chain.follower().state.snapshot(at: chain.now, hashing: WeakHashing()))
        chain.lose(1)
        try chain.append(.snapshot(snapshot))
        #expect(try chain.follower().status == .broken(.missingEntry(1, before: 1)))
    }

    @Test func `a snapshot drops by one of 30 days before, and by no younger one`() throws {
        var chain = try ClusterChain()
        try chain.snapshot(of: try chain.first())
        let state = try chain.follower().state
        let time = chain.now
        #expect(state.snapshots.droppable(at: time + month) == 1)
        #expect(state.snapshots.droppable(at: time + month - .seconds(2)) == nil)
        #expect(state.snapshot(drops: 1, at: time, hashing: WeakHashing()) == nil)
        #expect(state.snapshot(drops: 2, at: time + month, hashing: WeakHashing()) == nil)
        try chain.append(
            .snapshot(ChainSnapshot(state: WeakHashing().sha256([1]), after: 1, drops: 1)))
        #expect(try chain.follower().status == .following, "it is void, whatever it states")
    }

    @Test func `a use of a request that is forgotten changes nothing`() throws {
        var chain = try made().chain
        try chain.append(use(1, 3))
        try chain.append(use(9))
        try chain.append(use(2, 2))
        let state = try chain.follower().state
        #expect(state.requests.requests.count == 1)
        #expect(state.requests.requests[ClusterOrganisation.request(2)]?.uses.count == 2)
    }
}
