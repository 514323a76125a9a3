import InterlockCluster
import InterlockJSON
import InterlockModel

/// The program that drives one node: events in, effects out. `NodeService` performs the effects.
///
/// INVARIANT: `node` has applied no entry that was not written before. Rows are given to a copy of it, whatever would
/// change it meanwhile waits, and the copy takes its place once the rows are durable. Kept by `NodeProgramTests`.
struct NodeProgram: Sendable {
    /// The node by which calls are judged.
    var node: ClusterNode
    /// The halts that the chain lacks.
    var halts = EarlyHalts()
    var watch: WatchTask
    /// The statements of the halts that were pushed, by the numbers of the pushes.
    var pushes: [Int64: Digest] = [:]
    /// The horizon of the next heartbeat.
    var horizon = ChangeHorizon.start
    /// The number of the entry that the store named last.
    var named: Int64 = 0

    private let process: String
    /// The number of the id under which the process starts: an expelled one starts under another id.
    var attempt = 1
    /// The highest incarnation that the node knows of itself.
    var known: Incarnation?
    var nextStart = BootTime(microseconds: 0)
    private var nextBeat = BootTime(microseconds: 0)

    // The calls that have no answer yet.
    private var isStarting = false
    var isBeating = false
    var isReading = false
    var isRepairing = false
    var isRestoring = false
    var isOpening = false

    private var isAdvancing = false
    /// The events that wait until the entries are written.
    private var queue: [NodeEvent] = []
    private static let mostHints = 4096
    private static let startPause = Duration.seconds(1)

    /// - Parameters:
    ///   - process: an id that no other process of this node has.
    ///   - known: the highest incarnation that the node knows of itself.
    init(_ node: ClusterNode, process: String, known: Incarnation?) {
        self.node = node
        self.process = process
        self.known = known
        watch = WatchTask(node.name, node.lease.settings)
    }

    var head: ChainHead { node.follower.head }

    mutating func handle(_ event: NodeEvent, at now: ClockReading) -> [NodeEffect] {
        guard !isAdvancing || !event.changesNode else {
            if !event.isHint || queue.count < Self.mostHints { queue.append(event) }
            return []
        }
        var effects = take(event, now)
        while !isAdvancing, !queue.isEmpty { effects += take(queue.removeFirst(), now) }
        return effects
    }

    private mutating func take(_ event: NodeEvent, _ now: ClockReading) -> [NodeEffect] {
        let boot = now.boot
        switch event {
        case .tick(let random): return tick(random, boot)
        case .started(let result): return started(result, boot)
        case .answered(let heartbeat, .success(let answer), let sent, let received):
            return answered(heartbeat, answer, sent: sent, received: received, boot)
        case .answered(let heartbeat, .failure(let failure), _, _):
            return failed(heartbeat, failure, boot)
        case .advanced(let advance): return advanced(advance, boot)
        case .notWritten(let failure):
            isAdvancing = false
            return [.notify(.notWritten(failure))]
        case .read(let result):
            isReading = false
            return read(result, boot)
        case .compared(let head, let own):
            return act(node.handle(.compared(head, own: own), at: boot), boot)
        case .repaired(let notification):
            isRepairing = false
            return notification.map { [.notify($0)] } ?? []
        case .restored:
            isRestoring = false
            return []
        case .opened:
            isOpening = false
            return []
        case .appended(let statement, let draft, let isDone):
            return appended(statement, draft, isDone: isDone, boot)
        case .taken(let row, let sent):
            watch.taken(row, sent: sent, at: boot)
            return []
        case .kept(let term, let isKept, let sent):
            watch.kept(term: term, isKept, sent: sent, at: boot)
            return []
        case .expelled(let silent, let isExpelled):
            watch.expelled(silent.node)
            return isExpelled ? [.notify(.expelled(silent.node, silent.incarnation))] + fetch() : []
        case .halted(let halt, let statement, let node): return halted(halt, statement, node, boot)
        case .pushed(let statement, let number): return pushed(statement, number)
        case .delivered(let number, let node, let isApplied):
            guard let halt = pushes[number] else { return [] }
            return [.notify(.delivered(halt: halt, to: node, isApplied: isApplied))]
        case .rows(let rows): return give(rows, boot)
        case .peer(let name, let head): return act(node.handle(.peer(name, head), at: boot), boot)
        case .peerTime(let name, let time, let sent, let received):
            return act(
                node.handle(.peerTime(name, time, sent: sent, received: received), at: boot), boot)
        case .loaded(let revision): return act(node.handle(.loaded(revision), at: boot), boot)
        case .lifecycle(let event): return act(node.handle(.lifecycle(event), at: boot), boot)
        }
    }

    private mutating func tick(_ random: UInt64, _ now: BootTime) -> [NodeEffect] {
        watch.expire(at: now)
        var effects = appendHalts(at: now)
        guard !isAdvancing else { return effects }
        effects += act(node.handle(.lifecycle(.tick), at: now), now)
        if node.lifecycle.status == .starting, !isStarting, nextStart <= now {
            isStarting = true
            effects.append(
                .start(
                    process: ExactText("\(process)/\(attempt)"), beat: node.lease.beat,
                    least: least))
        }
        if !isBeating, nextBeat <= now, let heartbeat = node.heartbeat(at: now) {
            isBeating = true
            let pause = HeartbeatInterval.next(nodes: node.state.admitted.count, random: random)
            nextBeat = now + pause
            effects += watch.renew(in: heartbeat.incarnation, at: now)
            effects.append(.heartbeat(heartbeat, horizon: horizon))
        }
        return effects
    }

    /// One more than each incarnation that the node knows of itself.
    private var least: Incarnation {
        let expelled = node.state.members[node.name]?.expelled
        return [known, expelled].compactMap { $0?.next }.max() ?? .first
    }

    private mutating func started(
        _ result: Result<Incarnation, ClusterCallFailure>, _ now: BootTime
    ) -> [NodeEffect] {
        isStarting = false
        switch result {
        case .success(let incarnation):
            known = max(known ?? incarnation, incarnation)
            horizon = .start
            nextBeat = now
            return act(node.handle(.lifecycle(.started(incarnation)), at: now), now)
                + [.notify(.joined(incarnation))]
        case .failure(let failure):
            nextStart = now + Self.startPause
            return [.notify(.unanswered(failure))]
        }
    }

    // MARK: Entries

    /// Gives rows to a copy of the node if it lacks some of them.
    mutating func give(_ rows: [StoredEntry], _ now: BootTime) -> [NodeEffect] {
        guard node.follower.status == .following,
            rows.contains(where: { $0.number > head.number })
        else { return act(node.handle(.rows(rows), at: now), now) }
        isAdvancing = true
        return [.advance(node, rows)]
    }

    private mutating func advanced(_ advance: NodeAdvance, _ now: BootTime) -> [NodeEffect] {
        isAdvancing = false
        let before = head
        node = advance.node
        var effects = act(advance.actions, now)
        if head != before { effects.append(.head(head)) }
        if head.number < named, head != before { effects += fetch() }
        return effects
    }

    private mutating func read(
        _ result: Result<[StoredEntry], ClusterCallFailure>, _ now: BootTime
    ) -> [NodeEffect] {
        if case .success(let rows) = result, !rows.isEmpty { return give(rows, now) }
        // The store was not reached, or a replica has answered: peers may have the entries.
        return node.follower.status == .following ? [.ask(after: head.number)] : []
    }

    mutating func fetch() -> [NodeEffect] {
        guard !isReading, node.follower.status == .following else { return [] }
        isReading = true
        return [.read(after: head.number)]
    }
}
