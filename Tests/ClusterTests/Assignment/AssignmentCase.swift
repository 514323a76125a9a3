import InterlockCluster
import InterlockModel
import InterlockTesting

/// Constants of the tests of runs on many nodes.
enum AssignmentCase {
    static let agent = AgentName("refunds").unwrapped
    static let other = AgentName("other").unwrapped
    static let start = BootTime(microseconds: 1_000_000_000)

    static func node(_ number: Int) -> NodeName { NodeName("gw\(number)").unwrapped }

    static func run(_ number: Int = 1) -> RunID {
        RunID(milliseconds: Int64(number), random: [UInt8](repeating: 3, count: 10))
    }

    static func call(_ number: Int) -> CallID {
        CallID(milliseconds: Int64(number), random: [UInt8](repeating: 7, count: 10))
    }
}

extension RunAction {
    static func serves(_ number: Int64, _ run: Int = 1) -> RunAction {
        .serve(RunMessage(number), AssignmentCase.run(run))
    }

    static func refuses(_ number: Int64, _ refusal: RunRefusal) -> RunAction {
        .refuse(RunMessage(number), refusal)
    }
}

/// The nodes of a cluster whose messages arrive at once, and the store of their runs.
struct DirectRouters {
    var table = RunTable()
    var routers: [RunRouter] = []
    /// The nodes that the store does not answer.
    var cutOff: Set<Int> = []
    /// The messages of agents.
    private var sent: [RunMessage: (run: RunID, agent: AgentName, isCall: Bool)] = [:]
    /// The work that shells were to do, with the number of the node.
    var done: [(node: Int, action: RunAction)] = []

    /// - Parameter count: the number of nodes, which are numbered from 0.
    init(_ count: Int = 3) throws(RunTableRefusal) {
        for number in 0..<count {
            try table.join(AssignmentCase.node(number), .first)
            routers.append(RunRouter(AssignmentCase.node(number), .first))
        }
    }

    /// Handles an event at a node, with all that follows from it on every node.
    ///
    /// - Returns: what the shells were to do for messages, calls and runs.
    @discardableResult
    mutating func handle(
        _ event: RunEvent, _ node: Int, at now: BootTime = AssignmentCase.start
    ) -> [RunAction] {
        let first = done.count
        take(event, node, at: now)
        return done[first...].map { $0.action }
    }

    @discardableResult
    mutating func message(
        _ number: Int64, _ node: Int, run: Int = 1, agent: AgentName = AssignmentCase.agent,
        isCall: Bool = false, at now: BootTime = AssignmentCase.start
    ) -> [RunAction] {
        let message = RunMessage(number)
        sent[message] = (AssignmentCase.run(run), agent, isCall)
        return handle(
            .message(message, AssignmentCase.run(run), agent, isCall: isCall, from: nil), node,
            at: now)
    }

    /// Sends the heartbeat of a node.
    mutating func beat(_ node: Int, _ generation: StoreGeneration) throws {
        let name = routers[node].node
        handle(.generation(generation, isRestored: table.isRestored(name)), node)
        guard let restored = routers[node].restoredGeneration else { return }
        try table.finishRestoring(name, routers[node].incarnation, generation: restored)
    }

    private mutating func take(_ event: RunEvent, _ node: Int, at now: BootTime) {
        let actions = routers[node].handle(event, at: now)
        perform(actions, node, at: now)
    }

    private mutating func perform(_ actions: [RunAction], _ node: Int, at now: BootTime) {
        for action in actions {
            switch action {
            case .claim(let claim):
                let event = answer(claim, node)
                take(event, node, at: now)
            case .change(let change):
                let event = answer(change, node)
                take(event, node, at: now)
            case .forward(let message, let other): forward(message, node, other, at: now)
            case .attach, .serve, .refuse, .release, .withhold, .drop:
                done.append((node, action))
            }
        }
    }

    private mutating func answer(_ claim: RunClaim, _ node: Int) -> RunEvent {
        guard !cutOff.contains(node) else { return .claimFailed(claim) }
        do throws(RunTableRefusal) {
            return .claimed(claim, try table.claim(claim))
        } catch { return .claimFailed(claim) }
    }

    private mutating func answer(_ change: RunChange, _ node: Int) -> RunEvent {
        guard !cutOff.contains(node) else { return .changeFailed(change, nil) }
        do throws(RunTableRefusal) {
            try table.change(change)
            return .changed(change)
        } catch { return .changeFailed(change, error) }
    }

    /// The forwarded message has the same number at its receiver.
    private mutating func forward(
        _ message: RunMessage, _ node: Int, _ other: NodeName, at now: BootTime
    ) {
        guard let receiver = routers.firstIndex(where: { $0.node == other }),
            let known = sent[message]
        else { return }
        let event = RunEvent.message(
            message, known.run, known.agent, isCall: known.isCall, from: AssignmentCase.node(node))
        let first = done.count
        take(event, receiver, at: now)
        guard done[first...].contains(where: { $0.action == .refuse(message, .notMine) }) else {
            return
        }
        done.removeAll { $0.action == .refuse(message, .notMine) }
        take(.notMine(message), node, at: now)
    }
}
