import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockCluster
@testable import InterlockClusterNodes
@testable import InterlockClusterSimulation

/// The program of a node in virtual time, with the model of the store.
struct NodeProgramTests {
    private func isApplied(_ notification: NodeNotification) -> Bool {
        if case .applied = notification { true } else { false }
    }

    @Test(.requirement("R091"))
    func `a halt is in force at each node at once, and one entry brings it into the chain`() throws
    {
        let world = try ProgramWorld()
        world.run(.seconds(1))
        for node in 0..<3 { #expect(world.refusal(node) == nil) }
        let before = world.store.rows.entries.count
        try world.halt(try world.halt(7, agent: 3), at: 0)
        for node in 0..<3 {
            #expect(world.isHalted(node, agent: 3) && !world.isHalted(node, agent: 4))
        }
        world.run(.seconds(4))
        #expect(world.store.rows.entries.count == before + 1)
        for node in 0..<3 {
            let program = world.machines[node].program
            #expect(program.halts.isEmpty && program.node.state.halts.active.count == 1)
            #expect(world.isHalted(node, agent: 3))
            #expect(world.count(node, isApplied) == 1)
        }
    }

    @Test func `a halt that reached a peer alone is appended by it, and comes to all`() throws {
        let world = try ProgramWorld()
        world.run(.seconds(1))
        // Its first node is dead, and pushed it to one other.
        for node in [0, 2] { world.machines[node].isSilent = true }
        try world.halt(try world.halt(7, agent: 3), at: 1, from: 0)
        #expect(world.isHalted(1, agent: 3) && !world.isHalted(2, agent: 3))
        world.run(.seconds(4))
        #expect(world.isHalted(2, agent: 3) && world.isHalted(0, agent: 3))
    }

    @Test func `a halt that was released is not in force again if a peer repeats it`() throws {
        let world = try ProgramWorld()
        world.run(.seconds(1))
        let halt = try world.halt(7, agent: 3)
        try world.halt(halt, at: 0)
        world.run(.seconds(1))
        let epoch = world.machines[0].program.node.state.halts.epoch
        let release = try world.organisation.release(8, of: [7], afterEpoch: epoch)
        let id: OrderID = SimulatedOrganisation.id(8)
        world.store.append(
            setup: try world.organisation.draft(
                try SimulatedOrganisation.widening(.release, [release]), subject: id.text, node: 0,
                at: world.reading.wall))
        world.run(.seconds(1))
        #expect(!world.isHalted(1, agent: 3))
        try world.halt(halt, at: 1, from: 0)
        #expect(!world.isHalted(1, agent: 3))
    }

    @Test(.requirement("R111"))
    func `a node without its store refuses at its lease, is expelled, and comes back as another`()
        throws
    {
        let world = try ProgramWorld()
        world.run(.seconds(4))
        world.machines[2].isCut = true
        world.run(.seconds(3))
        #expect(world.refusal(2) == nil)
        world.run(.seconds(1.2))
        #expect(world.refusal(2) == .lease && world.refusal(2, of: .lowTierRead) == nil)
        #expect(world.refusal(0) == nil && world.refusal(1) == nil)
        world.run(.seconds(4))
        let name = SimulatedOrganisation.nodeName(2)
        #expect(world.machines[0].program.node.state.members[name]?.expelled == .first)
        #expect(world.refusal(0) == nil)
        world.machines[2].isCut = false
        world.run(.seconds(3))
        #expect(world.incarnation(2) == 3, "expelling takes a number too")
        #expect(world.refusal(2) == nil)
        #expect(world.machines[2].program.attempt == 2)
    }

    @Test func `nothing is acted on before it is written`() throws {
        let world = try ProgramWorld()
        world.run(.seconds(1))
        world.machines[1].hangs = true
        try world.append(.end(SimulatedOrganisation.id(5)))
        world.run(.seconds(2))
        let program = world.machines[1].program
        #expect(program.head.number == 2 && world.machines[0].program.head.number == 3)
        #expect(world.refusal(1) == nil && world.count(1, isApplied) == 0)
        world.run(.seconds(3))
        #expect(world.refusal(1) == .lease, "its head is not applied")
        world.machines[1].hangs = false
        let hanging = world.machines[1].hanging
        #expect(hanging.count == 1)
        for advance in hanging { world.write(advance, 1) }
        #expect(world.machines[1].program.head.number == 3 && world.count(1, isApplied) == 1)
        world.run(.seconds(1))
        #expect(world.refusal(1) == nil)
    }

    @Test func `what could not be written is applied once the disk takes it`() throws {
        let world = try ProgramWorld()
        world.run(.seconds(1))
        world.machines[1].failure = .failed("no space is left")
        try world.append(.end(SimulatedOrganisation.id(5)))
        world.run(.seconds(2))
        #expect(world.machines[1].program.head.number == 2)
        #expect(world.count(1) { if case .notWritten = $0 { true } else { false } } > 0)
        world.machines[1].failure = nil
        world.run(.seconds(1))
        #expect(world.machines[1].program.head.number == 3 && world.refusal(1) == nil)
        #expect(world.machines[1].copy == world.store.rows.entries)
    }

    @Test func `a node that the store does not answer reads entries from a peer`() throws {
        let world = try ProgramWorld()
        world.run(.seconds(1))
        world.machines[1].isCut = true
        try world.append(.end(SimulatedOrganisation.id(5)))
        world.run(.seconds(1))
        let head = world.machines[0].program.head
        world.deliver(.peer(SimulatedOrganisation.nodeName(0), head), to: 1)
        #expect(world.machines[1].program.head == head)
    }

    @Test func `entries that the store lost in a failover are put back`() throws {
        let world = try ProgramWorld()
        world.run(.seconds(3))
        try world.append(.end(SimulatedOrganisation.id(5)))
        world.run(.seconds(1))
        let head = world.machines[0].program.head
        world.store.failOver(losing: .seconds(2), at: world.now)
        #expect(world.store.rows.head != head)
        world.run(.seconds(3))
        #expect(world.store.rows.head == head && world.store.isOpen)
        for node in 0..<3 {
            #expect(
                world.machines[node].program.node.storeRefusal(at: world.reading) == nil)
            #expect(world.count(node) { if case .generation = $0 { true } else { false } } == 1)
        }
        let isRepaired = (0..<3).contains { node in
            world.count(node) { if case .repaired = $0 { true } else { false } } > 0
        }
        #expect(isRepaired)
    }
}
