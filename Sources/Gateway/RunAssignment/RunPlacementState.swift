import InterlockCluster
import InterlockModel
import InterlockPorts

/// The decision about a message at this node.
enum PlaceDecision: Sendable {
    case serve
    case forward(NodeName)
    case refuse(RunRefusal)
}

/// A caller that waits for an answer, or an answer that waits for its caller.
enum PendingAnswer<Answer: Sendable> {
    /// It does not wait yet.
    case open
    case answered(Answer)
    case waits(CheckedContinuation<Answer, Never>)
}

/// The state of `RunAssignmentService`: the router, and who waits for its actions. A value type.
struct RunPlacementState {
    /// A run that the node may serve once its memory has taken it.
    struct Attaching {
        let attachment: RunAttachment
        let term: Int64
        var waiting: [RunMessage] = []
        var isUnderWay = true
    }

    var router: RunRouter
    var memory: (any RunMemory)?
    var messages: [RunMessage: PendingAnswer<PlaceDecision>] = [:]
    var commits: [CallID: PendingAnswer<Bool>] = [:]
    var queue = RunQueue()
    var counts = RunAssignmentCounts()
    private var attaching: [RunID: Attaching] = [:]
    /// The terms under which this process served runs that it freed: their memory is here still.
    private var freed: [RunID: Int64] = [:]
    private var lastMessage: Int64 = 0

    init(_ router: RunRouter) { self.router = router }

    mutating func nextMessage() -> RunMessage {
        lastMessage += 1
        return RunMessage(lastMessage)
    }

    mutating func takeDecision(of message: RunMessage) -> PlaceDecision? {
        guard case .answered(let decision)? = messages[message] else { return nil }
        messages[message] = nil
        return decision
    }

    mutating func takeCommit(of call: CallID) -> Bool? {
        guard case .answered(let isCommitted)? = commits[call] else { return nil }
        commits[call] = nil
        return isCommitted
    }

    /// Handles events, notes the answers of requests, and queues what goes to the store.
    mutating func handle(_ events: [RunEvent], at now: BootTime) -> RunWork {
        var work = RunWork()
        for event in events {
            for action in router.handle(event, at: now) {
                take(action, freeing: event.freedTerm, &work)
            }
        }
        work.writers = queue.staff()
        return work
    }

    /// Takes that the memory has taken a run, or could not.
    mutating func finishAttaching(
        _ run: RunID, term: Int64, isDone: Bool, at now: BootTime
    ) -> RunWork {
        var work = RunWork()
        guard var entry = attaching[run], entry.term == term else { return work }
        let waiting = entry.waiting
        entry.waiting = []
        entry.isUnderWay = false
        attaching[run] = isDone ? nil : entry
        for message in waiting {
            if isDone {
                decide(message, .serve, &work)
            } else {
                // The next message of the run tries again.
                decide(message, .refuse(.storeUnavailable), &work)
                work.append(handle([.finished(message, run)], at: now))
            }
        }
        return work
    }

    private mutating func take(
        _ action: RunAction, freeing term: Int64?, _ work: inout RunWork
    ) {
        switch action {
        case .claim(let claim): work.claims.append(claim)
        case .attach(let run, let assignment): attach(run, assignment, &work)
        case .serve(let message, let run): serve(message, run, &work)
        case .forward(let message, let node):
            counts.forwarded += 1
            decide(message, .forward(node), &work)
        case .refuse(let message, let refusal): decide(message, .refuse(refusal), &work)
        case .change(let change):
            if queue.takes(change) {
                queue.add(change)
            } else {
                work.changes.append(change)
            }
        case .release(let call): commit(call, true, &work)
        case .withhold(let call): commit(call, false, &work)
        case .drop(let run): drop(run, freeing: term, &work)
        }
    }

    private mutating func attach(
        _ run: RunID, _ assignment: RunAssignment, _ work: inout RunWork
    ) {
        let kept = freed.removeValue(forKey: run)
        guard assignment.origin != .new else { return }
        // No other claim came since this process served it.
        let hasMemory = kept == assignment.term - 1
        switch assignment.origin {
        case .freed(let node), .lost(let node): if node != router.node { counts.moved += 1 }
        case .new, .again: break
        }
        guard let agent = router.agent(of: run) else { return }
        let attachment = RunAttachment(
            run: run, agent: agent,
            home: assignment.home == router.node ? nil : assignment.home.text,
            level: assignment.level, hasLostMemory: !hasMemory)
        attaching[run] = Attaching(attachment: attachment, term: assignment.term)
        work.attachments.append((attachment, assignment.term))
    }

    private mutating func serve(_ message: RunMessage, _ run: RunID, _ work: inout RunWork) {
        guard var entry = attaching[run] else { return decide(message, .serve, &work) }
        entry.waiting.append(message)
        if !entry.isUnderWay {
            entry.isUnderWay = true
            work.attachments.append((entry.attachment, entry.term))
        }
        attaching[run] = entry
    }

    private mutating func drop(_ run: RunID, freeing term: Int64?, _ work: inout RunWork) {
        for message in attaching.removeValue(forKey: run)?.waiting ?? [] {
            decide(message, .refuse(.moving), &work)
        }
        guard let term else {
            work.lost.append(run)
            return
        }
        if freed.count >= AssignmentTimes.freed { freed = [:] }
        freed[run] = term
    }

    private mutating func decide(
        _ message: RunMessage, _ decision: PlaceDecision, _ work: inout RunWork
    ) {
        switch messages[message] {
        case .open?: messages[message] = .answered(decision)
        case .waits(let continuation)?:
            messages[message] = nil
            work.decisions.append((continuation, decision))
        case .answered?, nil: return
        }
    }

    private mutating func commit(_ call: CallID, _ isCommitted: Bool, _ work: inout RunWork) {
        switch commits[call] {
        case .open?: commits[call] = .answered(isCommitted)
        case .waits(let continuation)?:
            commits[call] = nil
            work.commits.append((continuation, isCommitted))
        case .answered?, nil: return
        }
    }
}

extension RunEvent {
    /// The term of a run that its node has freed; nil for all other events.
    fileprivate var freedTerm: Int64? {
        switch self {
        case .changed(let change), .changeFailed(let change, _):
            if case .free = change.kind { change.term } else { nil }
        default: nil
        }
    }
}
