import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

@Suite struct HaltSetTests {
    private let org = Org()
    private let refunds = AgentName("refunds").unwrapped
    private let triage = AgentName("support-triage").unwrapped
    private let tool = ToolAddress(dotted: "billing.refund").unwrapped
    private let run = RunID(milliseconds: 1, random: [UInt8](repeating: 1, count: 10))
    private let owner = Pseudonym(text: "qAtvNSliVAlAcLHGLhmnpA==")

    private func set(_ targets: HaltTarget...) throws -> HaltSet {
        var set = HaltSet()
        for (number, target) in targets.enumerated() {
            set.apply(try accepted(Int64(number), target))
        }
        return set
    }

    private func accepted(_ number: Int64, _ target: HaltTarget) throws -> AcceptedHalt {
        try org.judge().halt(try org.halt(number, target), .now(Org.start))
    }

    private func released(_ number: Int64, _ halts: [Int64]) throws -> AcceptedRelease {
        try org.judge().release(try org.release(number, of: halts), .now(Org.start))
    }

    private func isHalted(_ set: HaltSet) -> Bool {
        set.match(agent: refunds, owner: owner, server: tool.server, tool: tool, run: run) != nil
    }

    @Test(.requirement("R112")) func `a call is halted by any of its six keys`() throws {
        #expect(!isHalted(HaltSet()))
        for target: HaltTarget in [
            .org, .owner(owner), .agent(refunds), .server(tool.server), .tool(tool), .run(run),
        ] {
            #expect(isHalted(try set(target)), "\(target)")
        }
        let otherTool = ToolAddress(dotted: "billing.lookup").unwrapped
        for target: HaltTarget in [
            .owner(org.li.pseudonym), .agent(triage), .server(ServerName("crm").unwrapped),
            .tool(otherTool),
            .run(RunID(milliseconds: 2, random: [UInt8](repeating: 1, count: 10))),
        ] {
            #expect(!isHalted(try set(target)), "\(target)")
        }
    }

    @Test func `an owner or agent that cannot be looked up counts as matched`() throws {
        let halts = try set(.agent(triage))
        #expect(halts.match(agent: nil, owner: owner, server: nil, tool: nil, run: nil) != nil)
        #expect(halts.match(agent: refunds, owner: nil, server: nil, tool: nil, run: nil) != nil)
        #expect(halts.match(agent: refunds, owner: owner, server: nil, tool: nil, run: nil) == nil)
        #expect(HaltSet().match(agent: nil, owner: nil, server: nil, tool: nil, run: nil) == nil)
    }

    @Test func `a release ends only what it names`() throws {
        var halts = try set(.agent(refunds), .agent(refunds))
        halts.apply(try released(10, [0]))
        #expect(isHalted(halts))
        halts.apply(try released(11, [1]))
        #expect(!isHalted(halts))
        #expect(halts.isEmpty)
    }

    @Test func `an old order played again does nothing`() throws {
        var halts = try set(.org)
        halts.apply(try released(10, [0]))
        #expect(!halts.apply(try accepted(0, .org)))
        #expect(!isHalted(halts))
    }

    @Test func `orders in any order, doubled and late, give the same set on every node`() throws {
        var generator = SeededGenerator.announced()
        let targets: [HaltTarget] = [
            .org, .owner(owner), .agent(refunds), .agent(triage), .server(tool.server),
            .tool(tool), .run(run),
        ]
        for _ in 0..<60 {
            var halts: [AcceptedHalt] = []
            var releases: [AcceptedRelease] = []
            for number in 0..<Int64.random(in: 1...8, using: &generator) {
                halts.append(
                    try accepted(number, targets.randomElement(using: &generator).unwrapped))
            }
            for number in 0..<Int64.random(in: 0...4, using: &generator) {
                let named = Set((0..<2).map { _ in Int64.random(in: 0...9, using: &generator) })
                releases.append(try released(100 + number, named.sorted()))
            }
            var nodes: [HaltSet] = []
            for _ in 0..<3 {
                var steps = (halts.map { Step.halt($0) } + releases.map { Step.release($0) })
                steps += (0..<3).map { _ in steps.randomElement(using: &generator).unwrapped }
                steps.shuffle(using: &generator)
                var node = HaltSet()
                for step in steps {
                    switch step {
                    case .halt(let halt): node.apply(halt)
                    case .release(let release): node.apply(release)
                    }
                }
                nodes.append(node)
            }
            #expect(nodes[0] == nodes[1] && nodes[1] == nodes[2])
            let ended = Set(releases.flatMap(\.order.halts))
            let status = halts.filter { !ended.contains($0.order.id) }
            #expect(Set(nodes[0].active.keys) == Set(status.map(\.order.id)))
            for target in targets {
                #expect(
                    (nodes[0].halt(of: target) != nil)
                        == status.contains { $0.order.target == target })
            }
        }
    }

    private enum Step {
        case halt(AcceptedHalt)
        case release(AcceptedRelease)
    }
}
