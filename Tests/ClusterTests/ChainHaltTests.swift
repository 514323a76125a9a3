import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster

/// Halts of one id with different statements: a person who chooses the id of another halt keeps none out.
@Suite(.requirement("R112")) struct ChainHaltTests {
    private let agents = ["refunds", "triage"].map { AgentName($0).unwrapped }
    private let owner = ClusterOrganisation().li.pseudonym

    private func isHalted(_ state: ChainState, _ agent: Int) -> Bool {
        state.halts.match(
            agent: agents[agent], owner: owner, server: nil, tool: nil, run: nil) != nil
    }

    /// A chain with two halts of the id 1, of the one agent and of the other.
    private func made() throws -> ClusterChain {
        var chain = try ClusterChain()
        for agent in agents {
            try chain.append(.halt(try chain.organisation.halt(1, .agent(agent))))
        }
        return chain
    }

    private func release(
        _ number: Int64, after epoch: Int64, _ chain: inout ClusterChain
    ) throws -> ChainState {
        try chain.append(
            .release, [try chain.organisation.release(number, of: [1], after: epoch)],
            subject: ClusterOrganisation.orderID(number).text)
        return try chain.follower().state
    }

    @Test func `both of two halts with one id and different statements apply`() throws {
        let state = try made().follower().state
        #expect(isHalted(state, 0) && isHalted(state, 1))
        #expect(state.halts.active.count == 2 && state.halts.epoch == 2)
    }

    @Test func `a release that saw both ends both, and one that saw the first ends none`() throws {
        var chain = try made()
        let early = try release(5, after: 1, &chain)
        #expect(isHalted(early, 0) && isHalted(early, 1))
        let late = try release(6, after: 2, &chain)
        #expect(late.halts.active.isEmpty && !isHalted(late, 0) && !isHalted(late, 1))
        #expect(late.halts.isReleased(ClusterOrganisation.orderID(1)))
    }

    @Test func `after a release the same halt stays released, and another one of its id applies`()
        throws
    {
        var chain = try ClusterChain()
        let first = try chain.organisation.halt(1, .agent(agents[0]))
        try chain.append(.halt(first))
        _ = try release(5, after: 1, &chain)
        try chain.append(.halt(first))
        #expect(!isHalted(try chain.follower().state, 0))
        try chain.append(.halt(try chain.organisation.halt(1, .agent(agents[1]))))
        let state = try chain.follower().state
        #expect(!isHalted(state, 0) && isHalted(state, 1))
        #expect(!state.halts.isReleased(ClusterOrganisation.orderID(1)))
        let ended = try release(6, after: 4, &chain)
        #expect(!isHalted(ended, 1) && ended.halts.active.isEmpty)
    }

    @Test func `a snapshot tells two halts of one id apart`() throws {
        let chain = try made()
        // The first one twice: the same numbers, times and epoch, and one halt.
        var one = try ClusterChain()
        let first = try one.organisation.halt(1, .agent(agents[0]))
        for _ in agents { try one.append(.halt(first)) }
        let digests = [chain, one].map { chain in
            try? chain.follower().state.digest(hashing: WeakHashing())
        }
        #expect(digests[0] != digests[1])
    }
}
