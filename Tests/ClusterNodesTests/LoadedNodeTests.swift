import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster
@testable import InterlockClusterNodes
@testable import InterlockClusterSimulation

/// A node that reads its copy of the chain at its start.
struct LoadedNodeTests {
    private struct StillClock: Clock {
        let now: ClockReading
    }

    private func load(
        _ world: ProgramWorld, _ copy: MemoryCopy, genesis: Digest? = nil
    ) async throws -> LoadedNode {
        let first = try #require(world.store.rows.entries[0].digest)
        return try await LoadedNode(
            SimulatedOrganisation.nodeName(0), copy, genesis: genesis ?? first,
            settings: .standard, loaded: [], verifier: SimulatedVerifier(),
            clock: StillClock(now: world.reading))
    }

    @Test func `a whole copy is read and verified, page by page`() async throws {
        let world = try ProgramWorld(nodes: 5)
        let loaded = try await load(world, MemoryCopy(world.store.rows.entries))
        #expect(loaded.node.follower.head == world.store.rows.head)
        #expect(loaded.node.state.admitted.count == 5 && loaded.actions.isEmpty)
    }

    @Test func `a copy that was edited gives a node that halts the organisation`() async throws {
        let world = try ProgramWorld(nodes: 5)
        var rows = world.store.rows.entries
        rows[3].body = rows[2].body
        let edited = try await load(world, MemoryCopy(rows))
        #expect(edited.node.follower.status == .broken(.wrongDigest(3)))
        #expect(edited.actions == [.chain(.haltOrganisation(.wrongDigest(3)))])
        let damaged = try await load(
            world, MemoryCopy(world.store.rows.entries, damaged: 4))
        #expect(damaged.node.follower.status == .broken(.wrongDigest(4)))
        #expect(damaged.node.refusal(of: .lowTierRead, at: world.reading) != nil)
    }

    @Test func `a node without a chain, or with that of another cluster, does not start`()
        async throws
    {
        let world = try ProgramWorld()
        let empty: NodeStartFailure? = await thrown {
            _ = try await load(world, MemoryCopy([]))
        }
        #expect(empty == .noChain)
        let other: NodeStartFailure? = await thrown {
            _ = try await load(
                world, MemoryCopy(world.store.rows.entries),
                genesis: SimulatedHashing().sha256([1]))
        }
        #expect(other == .firstEntry(.fault(.otherGenesis)))
    }
}
