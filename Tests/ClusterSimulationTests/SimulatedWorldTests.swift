import InterlockClusterSimulation
import InterlockModel
import InterlockTesting
import Testing

/// The models around the nodes, and the properties by themselves.
struct SimulatedWorldTests {
    @Test func `events come in the order of their times and of their scheduling`() {
        var queue = EventQueue<Int>()
        for (event, time) in [(1, 30), (2, 10), (3, 20), (4, 10), (5, 0)] {
            queue.schedule(event, at: VirtualTime(microseconds: Int64(time)))
        }
        var taken: [Int] = []
        while let event = queue.take() { taken.append(event) }
        #expect(taken == [5, 2, 4, 3, 1])
        #expect(queue.now == VirtualTime(microseconds: 30))
    }

    @Test func `a queue of random events is sorted`() {
        var random = SeededGenerator.announced()
        var queue = EventQueue<Int64>()
        for _ in 0..<1000 {
            let time = Int64(random.below(500))
            queue.schedule(time, at: VirtualTime(microseconds: time))
        }
        var last: Int64 = 0
        while let time = queue.take() {
            #expect(time >= last)
            last = time
        }
        #expect(queue.isEmpty)
    }

    @Test func `a clock drifts from the time on and never goes back`() {
        var clock = SimulatedClock(
            boot: BootTime(microseconds: 5), wall: Timestamp(microseconds: 1_000))
        let ten = VirtualTime.start + .seconds(10)
        clock.run(at: 1_100_000, from: ten)
        #expect(clock.boot(at: ten) == BootTime(microseconds: 10_000_005))
        #expect(clock.boot(at: ten + .seconds(10)) == BootTime(microseconds: 21_000_005))
        clock.stepWall(by: .seconds(-3))
        #expect(clock.wall(at: ten) == Timestamp(microseconds: 7_001_000))
        clock.run(at: 0, from: ten + .seconds(10))
        #expect(clock.boot(at: ten + .seconds(99)) == BootTime(microseconds: 21_000_005))
    }

    @Test func `messages are lost in one direction alone`() {
        var random = SeededGenerator(seed: 1)
        var network = SimulatedNetwork()
        network.cut(from: .node(0), to: .store)
        let lost = network.arrivals(from: .node(0), to: .store, at: .start, random: &random)
        let kept = network.arrivals(from: .store, to: .node(0), at: .start, random: &random)
        #expect(lost.isEmpty)
        #expect(kept.count == 1)
        network.heal()
        network.duplicatePerMille = 1000
        let twice = network.arrivals(from: .node(0), to: .store, at: .start, random: &random)
        #expect(twice.count == 2)
    }

    private func gated(_ call: Int, grant: Int, use: Int64, applied: Int64) -> Dispatch {
        var dispatch = Dispatch(
            call: call, kind: .gated, node: 0, agent: 1, run: 2, claim: 1, applied: applied)
        dispatch.grant = grant
        dispatch.use = use
        return dispatch
    }

    private func properties(_ violations: [Violation]) -> [Violation.Property] {
        violations.map(\.property)
    }

    @Test func `a second use, a use after an end and one of another entry are found`() {
        var checker = PropertyChecker()
        checker.chain.committed(.other, at: .start)
        checker.chain.committed(.use(grant: 7), at: .start)
        checker.dispatched(gated(1, grant: 7, use: 1, applied: 1), at: .start)
        #expect(checker.violations.isEmpty)
        checker.dispatched(gated(2, grant: 7, use: 1, applied: 1), at: .start)
        #expect(properties(checker.violations) == [.oneUse])

        var ended = PropertyChecker()
        ended.chain.committed(.end(grant: 7), at: .start)
        ended.chain.committed(.use(grant: 7), at: .start)
        ended.dispatched(gated(1, grant: 7, use: 1, applied: 1), at: .start)
        #expect(properties(ended.violations) == [.orderOfUse])

        var other = PropertyChecker()
        other.chain.committed(.use(grant: 8), at: .start)
        other.dispatched(gated(1, grant: 7, use: 0, applied: 0), at: .start)
        #expect(properties(other.violations) == [.orderOfUse])
    }

    @Test func `lost entries are known again once a node brings them back, and not after others`() {
        var checker = PropertyChecker()
        for meaning in [EntryMeaning.other, .use(grant: 7), .use(grant: 8)] {
            checker.chain.committed(meaning, at: .start)
        }
        checker.lost(after: 0)
        #expect(checker.chain.head == 0 && checker.lostUses == [7, 8])
        checker.recovered(through: 1, at: .start + .seconds(1))
        #expect(checker.chain.head == 1 && checker.lostUses == [8])
        #expect(checker.chain.entry(1)?.at == .start + .seconds(1))
        // Another entry takes the number of the one that is still lost.
        checker.chain.committed(.other, at: .start)
        checker.recovered(through: 2, at: .start)
        #expect(checker.chain.entry(2)?.meaning == .other && checker.lostUses == [8])
    }

    @Test func `halts of one id have one digest in a simulation without that guard alone`() throws {
        let organisation = try SimulatedOrganisation()
        let halts = try [HaltTarget.org, .agent(SimulatedOrganisation.agent(1))].map {
            try organisation.halt(1, target: $0, at: Timestamp(microseconds: 0)).payload
        }
        let faulty = SimulatedVerifier(takesHaltsByID: true).hashing
        #expect(faulty.sha256(halts[0]) == faulty.sha256(halts[1]))
        let sound = SimulatedVerifier().hashing
        #expect(sound.sha256(halts[0]) != sound.sha256(halts[1]))
        #expect(faulty.sha256([1, 2]) == sound.sha256([1, 2]))
    }

    @Test func `a call after an applied halt, or after its bound, is found`() {
        var checker = PropertyChecker()
        checker.chain.committed(.halt(order: 1, agent: 1), at: .start)
        let call = Dispatch(
            call: 1, kind: .write, node: 0, agent: 1, run: 2, claim: 1, applied: -1)
        checker.dispatched(call, at: .start + .seconds(5))
        #expect(checker.violations.isEmpty)
        checker.dispatched(call, at: .start + .milliseconds(5_001))
        #expect(properties(checker.violations) == [.nothingAfterHalt])
        let knowing = Dispatch(
            call: 2, kind: .read, node: 0, agent: 1, run: 2, claim: 1, applied: 0)
        checker.dispatched(knowing, at: .start + .seconds(1))
        #expect(properties(checker.violations) == [.nothingAfterHalt, .nothingAfterHalt])
        checker.chain.committed(.release(order: 1), at: .start)
        let released = Dispatch(
            call: 3, kind: .write, node: 0, agent: 1, run: 2, claim: 1, applied: 1)
        checker.dispatched(released, at: .start + .seconds(60))
        #expect(checker.violations.count == 2)
    }

    @Test func `two nodes of one run, and too many units in a window, are found`() {
        var checker = PropertyChecker()
        checker.limit(1, LimitUses(most: 2, window: .seconds(60)))
        for (node, claim) in [(0, 1), (1, 2), (0, 1)] {
            let call = Dispatch(
                call: claim, kind: .write, node: node, agent: 1, run: 2, claim: claim, applied: 0)
            checker.dispatched(call, at: .start)
        }
        #expect(properties(checker.violations) == [.oneNode])
        checker.used(2, of: 1, at: .start)
        checker.used(1, of: 1, at: .start + .milliseconds(60_001))
        #expect(checker.violations.count == 1)
        checker.used(2, of: 1, at: .start + .milliseconds(60_002))
        #expect(properties(checker.violations) == [.oneNode, .limit])
    }

    @Test func `a node with rows of its own serves runs of others too, by its newest claim`() {
        var checker = PropertyChecker()
        func serve(_ node: Int, _ claim: Int) {
            let call = Dispatch(
                call: 1, kind: .write, node: node, agent: 1, run: 2, claim: claim, applied: 0)
            checker.dispatched(call, at: .start)
        }
        serve(1, 2)
        checker.keepApart(1)
        for (node, claim) in [(0, 3), (1, 2), (1, 5), (0, 3), (2, 4)] { serve(node, claim) }
        #expect(checker.violations.isEmpty)
        // Claims of before the lie count on both sides.
        serve(1, 1)
        serve(0, 3)
        #expect(properties(checker.violations) == [.oneNode, .oneNode])
    }

    @Test func `a node with rows of its own uses a grant once more, and no witnessed one`() {
        var checker = PropertyChecker()
        checker.hasLied = true
        func use(_ grant: Int, _ kind: CallKind, node: Int) {
            var call = Dispatch(
                call: 1, kind: kind, node: node, agent: 1, run: 2, claim: 1, applied: 0)
            call.grant = grant
            call.use = 1
            checker.dispatched(call, at: .start)
        }
        use(7, .gated, node: 0)
        checker.keepApart(1)
        use(8, .gated, node: 0)
        use(8, .gated, node: 1)
        use(9, .witnessed, node: 1)
        #expect(checker.violations.isEmpty && checker.usesApart == [8])
        use(7, .gated, node: 1)
        use(8, .gated, node: 1)
        use(8, .gated, node: 2)
        use(9, .witnessed, node: 0)
        #expect(properties(checker.violations) == [.oneUse, .oneUse, .oneUse, .oneUse])
    }
}
