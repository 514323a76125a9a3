import InterlockCluster
import InterlockTesting
import Testing

/// The claim "at most N in any window" over random interleavings of requests, reports, crashes, clock steps and failovers.
@Suite(.requirement("R110")) struct EscrowPropertyTests {
    private static let steps = 3_000

    private func run(
        _ seed: UInt64, margins: EscrowMargins = EscrowMargins()
    ) throws -> EscrowWorld {
        var world = try EscrowWorld(seed: seed, margins: margins)
        for _ in 0..<Self.steps {
            world.step()
            if world.worst > world.most { return world }
        }
        return world
    }

    @Test func `no window of any start holds more than the number`() throws {
        var seeds = SeededGenerator.announced()
        var (used, failovers, full) = (Int64(0), 0, 0)
        let worlds = rounds(400)
        for _ in 0..<worlds {
            let seed = seeds.next()
            let world = try run(seed)
            #expect(
                world.worst <= world.most,
                "seed \(seed): \(world.worst) of \(world.most) in \(world.seconds) s")
            used += world.used
            failovers += world.failovers
            if world.worst == world.most { full += 1 }
        }
        #expect(used > 5 * Int64(worlds), "the worlds use units")
        #expect(failovers > worlds, "and fail over")
        #expect(full > worlds / 10, "and come to their limits")
    }

    /// Returns true if one of the worlds exceeds its limit.
    private func isFound(_ margins: EscrowMargins) throws -> Bool {
        var seeds = SeededGenerator.announced()
        for _ in 0..<400 {
            let world = try run(seeds.next(), margins: margins)
            if world.worst > world.most { return true }
        }
        return false
    }

    @Test func `a store where ended leases stop counting at once is found`() throws {
        var margins = EscrowMargins()
        margins.tail = 0
        #expect(try isFound(margins))
    }

    @Test func `a store that forgets used units early is found`() throws {
        var margins = EscrowMargins()
        margins.useTail = 0
        #expect(try isFound(margins))
    }
}
