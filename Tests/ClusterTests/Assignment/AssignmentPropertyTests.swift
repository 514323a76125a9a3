import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockTesting
import Testing

/// Nodes and the store of their runs in virtual time: messages are delivered in any order, twice or not at all; nodes
/// are cut off, expelled and come back. A node that is cut off is expelled only once its lease is over, so what it
/// serves until it learns of that is not sent.
private struct AssignmentWorld {
    enum Message {
        case claim(Int, Incarnation, RunClaim)
        case change(Int, Incarnation, RunChange)
        case toNode(Int, Incarnation, RunEvent)
        case beat(Int, Incarnation)
        case restored(Int, Incarnation, StoreGeneration)
    }
    struct Member {
        var router: RunRouter
        var isCutOff = false
    }

    var random: SeededGenerator
    var table = RunTable()
    /// The store as it was some time ago: what a failover goes back to. No commit is lost together with its node.
    var standby: RunTable?
    var generation = StoreGeneration("1")
    var failovers = 0
    var members: [Member] = []
    var messages: [Message] = []
    var now = AssignmentCase.start
    var number: Int64 = 0
    /// The messages of agents that are served, by their node.
    var open: [(node: Int, message: RunMessage, run: RunID)] = []
    /// The agents' messages that were forwarded, with what they are.
    var sent: [RunMessage: (run: RunID, isCall: Bool)] = [:]
    /// The calls of each run that were served, and the highest level of a result that was released.
    var calls: [RunID: Int64] = [:]
    var levels: [RunID: TaintLevel] = [:]
    var results: [CallID: (run: RunID, level: TaintLevel)] = [:]
    /// The number of runs that moved.
    var moves = 0
    var served = 0
    /// The properties that did not hold.
    var faults: [String] = []

    init(seed: UInt64) throws(RunTableRefusal) {
        random = SeededGenerator(seed: seed)
        for number in 0..<3 {
            members.append(Member(router: RunRouter(AssignmentCase.node(number), .first)))
            try table.join(AssignmentCase.node(number), .first)
        }
    }

    mutating func step() {
        let node = Int.random(in: 0..<3, using: &random)
        switch Int.random(in: 0..<100, using: &random) {
        case ..<25: message(node)
        case ..<70: deliver()
        case ..<80: finish()
        case ..<86: result(node)
        case ..<91:
            handle(.tick, node)
            messages.append(.beat(node, members[node].router.incarnation))
        case ..<95: now = now + .seconds(Int.random(in: 1...120, using: &random))
        case ..<96:
            // The commits that a failover lost are known to its node alone until it is put back.
            if table.isOpen, Bool.random(using: &random) {
                members[node].isCutOff = true
                standby = nil
            }
        case ..<97: replicateOrFailOver()
        case ..<99: comeBack(node)
        default:
            if node == 0, Bool.random(using: &random) { handle(.drain, node) }
        }
        check()
    }

    private mutating func message(_ node: Int) {
        number += 1
        let message = RunMessage(number)
        let run = AssignmentCase.run(Int.random(in: 1...3, using: &random))
        let isCall = Bool.random(using: &random)
        sent[message] = (run, isCall)
        handle(.message(message, run, AssignmentCase.agent, isCall: isCall, from: nil), node)
    }

    private mutating func handle(_ event: RunEvent, _ node: Int) {
        let incarnation = members[node].router.incarnation
        for action in members[node].router.handle(event, at: now) {
            switch action {
            case .claim(let claim): messages.append(.claim(node, incarnation, claim))
            case .change(let change): messages.append(.change(node, incarnation, change))
            case .forward(let message, let other): forward(message, from: node, to: other)
            case .attach(let run, let assignment): attach(run, assignment, node)
            case .serve(let message, let run): serve(message, run, node)
            case .refuse(let message, let refusal): refuse(message, refusal, node)
            case .release(let call): release(call, node)
            case .drop(let run): open.removeAll { $0.node == node && $0.run == run }
            case .withhold: break
            }
        }
    }

    private mutating func forward(_ message: RunMessage, from node: Int, to other: NodeName) {
        guard let receiver = members.firstIndex(where: { $0.router.node == other }),
            let known = sent[message], Int.random(in: 0..<10, using: &random) > 0
        else {
            let wasSent = Bool.random(using: &random)
            messages.append(
                .toNode(
                    node, members[node].router.incarnation, .peerLost(message, wasSent: wasSent)))
            return
        }
        messages.append(
            .toNode(
                receiver, members[receiver].router.incarnation,
                .message(
                    message, known.run, AssignmentCase.agent, isCall: known.isCall,
                    from: members[node].router.node)))
    }

    private mutating func attach(_ run: RunID, _ assignment: RunAssignment, _ node: Int) {
        if assignment.origin != .new { moves += 1 }
        // A node that is cut off sends nothing more, and its claim may have been taken over.
        guard !members[node].isCutOff else { return }
        if assignment.level < levels[run] ?? .clean {
            faults.append("\(run) is assigned at \(assignment.level)")
        }
        if assignment.calls < calls[run] ?? 0 {
            faults.append("\(run) is assigned with \(assignment.calls) of \(calls[run] ?? 0)")
        }
    }

    private mutating func serve(_ message: RunMessage, _ run: RunID, _ node: Int) {
        open.append((node, message, run))
        served += 1
        guard sent[message]?.isCall == true, !members[node].isCutOff else { return }
        calls[run, default: 0] += 1
    }

    private mutating func refuse(_ message: RunMessage, _ refusal: RunRefusal, _ node: Int) {
        guard refusal == .notMine else { return }
        for other in members.indices where other != node {
            messages.append(
                .toNode(other, members[other].router.incarnation, .notMine(message)))
        }
    }

    private mutating func release(_ call: CallID, _ node: Int) {
        guard let result = results[call] else { return }
        if table.isOpen, (table.row(result.run)?.level ?? .clean) < result.level {
            faults.append("\(call) is released before its level is kept")
        }
        levels[result.run] = max(levels[result.run] ?? .clean, result.level)
    }

    private mutating func result(_ node: Int) {
        guard let run = members[node].router.runs.min(by: { $0.text < $1.text }) else { return }
        number += 1
        let call = AssignmentCase.call(Int(number))
        let level = TaintLevel.allCases.randomElement(using: &random) ?? .clean
        results[call] = (run, level)
        handle(.result(call, run, level), node)
    }

    private mutating func finish() {
        guard !open.isEmpty else { return }
        let ended = open.remove(at: Int.random(in: open.indices, using: &random))
        handle(.finished(ended.message, ended.run), ended.node)
    }

    /// Delivers any message. One to the store may come once more later; an answer may be lost.
    private mutating func deliver() {
        guard !messages.isEmpty else { return }
        let place = Int.random(in: messages.indices, using: &random)
        let message = messages[place]
        let isRepeated = Int.random(in: 0..<10, using: &random) == 0
        let isLost = Int.random(in: 0..<10, using: &random) == 0
        switch message {
        case .toNode(let node, let incarnation, let event):
            messages.remove(at: place)
            guard members[node].router.incarnation == incarnation else { return }
            handle(event, node)
            if let restored = members[node].router.restoredGeneration {
                messages.append(.restored(node, incarnation, restored))
            }
        case .claim(let node, let incarnation, let claim):
            if !isRepeated { messages.remove(at: place) }
            var event = RunEvent.claimFailed(claim)
            if !members[node].isCutOff, let answer = try? table.claim(claim), !isLost {
                event = .claimed(claim, answer)
            }
            messages.append(.toNode(node, incarnation, event))
        case .beat(let node, let incarnation):
            messages.remove(at: place)
            let name = members[node].router.node
            guard !members[node].isCutOff, !isLost else { return }
            messages.append(
                .toNode(
                    node, incarnation,
                    .generation(generation, isRestored: table.isRestored(name))))
        case .restored(let node, let incarnation, let generation):
            messages.remove(at: place)
            guard !members[node].isCutOff else { return }
            try? table.finishRestoring(
                members[node].router.node, incarnation, generation: generation)
        case .change(let node, let incarnation, let change):
            if !isRepeated { messages.remove(at: place) }
            var event = RunEvent.changeFailed(change, nil)
            if !members[node].isCutOff {
                do throws(RunTableRefusal) {
                    try table.change(change)
                    if !isLost { event = .changed(change) }
                } catch { event = .changeFailed(change, error) }
            }
            messages.append(.toNode(node, incarnation, event))
        }
    }

    private mutating func replicateOrFailOver() {
        let isWhole = table.isOpen && !members.contains(where: \.isCutOff)
        if standby == nil, isWhole {
            standby = table
        } else if Int.random(in: 0..<20, using: &random) < (standby == nil ? 2 : 5) {
            failovers += 1
            if let standby { table = standby }
            standby = nil
            generation = StoreGeneration(ExactText("\(failovers + 1)"))
            table.restart(generation: generation)
        }
    }

    /// Expels a node that is cut off, or lets it back with a new incarnation.
    private mutating func comeBack(_ node: Int) {
        guard members[node].isCutOff else { return }
        standby = nil
        let router = members[node].router
        if Bool.random(using: &random) {
            try? table.expel(router.node, router.incarnation)
            for other in members.indices where other != node {
                handle(.peerExpelled(router.node), other)
            }
            return
        }
        let next = router.incarnation.next
        handle(.joined(next), node)
        open.removeAll { $0.node == node }
        guard (try? table.join(router.node, next)) != nil else {
            faults.append("\(router.node) cannot come back")
            return
        }
        members[node].isCutOff = false
    }

    private mutating func check() {
        for number in 1...3 {
            let run = AssignmentCase.run(number)
            let serving = members.filter { !$0.isCutOff && $0.router.term(of: run) != nil }
            if serving.count > 1 {
                faults.append("\(serving.map(\.router.node)) serve \(run)")
            }
        }
    }
}

/// One node serves a run at a time, and none of what it may do is forgotten, over random interleavings.
struct AssignmentPropertyTests {
    @Test func `one node at a time serves a run, and its level and calls never fall`() throws {
        var seeds = SeededGenerator.announced()
        var (moves, served, failovers) = (0, 0, 0)
        let worlds = rounds(300)
        for _ in 0..<worlds {
            let seed = seeds.next()
            var world = try AssignmentWorld(seed: seed)
            for _ in 0..<2_000 {
                world.step()
                guard world.faults.isEmpty else { break }
            }
            #expect(world.faults.isEmpty, "seed \(seed): \(world.faults)")
            moves += world.moves
            served += world.served
            failovers += world.failovers
        }
        #expect(moves > 2 * worlds && served > 50 * worlds, "runs are served and move")
        #expect(failovers > worlds, "and the store fails over")
    }
}
