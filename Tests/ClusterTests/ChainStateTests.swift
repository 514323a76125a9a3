import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Entries that only restrict or consume, and what they leave.
@Suite struct ChainStateTests {
    @Test func `the first entry gives the people, the node and nothing more`() throws {
        let chain = try ClusterChain()
        let state = try chain.first()
        #expect(state.admitted == [ClusterOrganisation.name(1)])
        #expect(state.head.number == 0 && state.halts.epoch == 0 && state.revision == nil)
        #expect(state.isProved)
    }

    @Test func `a halt is in force, and its entry is the epoch`() throws {
        var chain = try ClusterChain()
        try chain.append(.end(ClusterOrganisation.request(1)))
        try chain.append(.halt(try chain.organisation.halt(1)))
        let state = try chain.follower().state
        #expect(state.halts.epoch == 2)
        #expect(state.halts.set.halt(of: .org)?.id == ClusterOrganisation.orderID(1))
    }
}
