import InterlockCluster
import InterlockModel

/// The work that follows from events and is done without the lock.
struct UnitWork {
    /// The calls that stop waiting, with their answers.
    var answers: [(call: CheckedContinuation<HoldAnswer, Never>, answer: HoldAnswer)] = []
    /// The tasks that are to be started.
    var takers = 0
    var writers = 0
    var startsTimer = false
}

extension LeasedLimits.State {
    /// Handles events, notes the answers of calls, and queues what goes to the store.
    mutating func handle(_ events: [EscrowEvent], at now: ClockReading) -> UnitWork {
        var work = UnitWork()
        for event in events { handle(event, &work, at: now) }
        plan(&work)
        return work
    }

    /// Asks for the units of a call.
    ///
    /// - Returns: nil if the call waits for its answer. One that must not wait is given up then.
    mutating func hold(
        _ hold: EscrowHold, waits: Bool, at now: ClockReading
    ) -> (answer: HoldAnswer?, work: UnitWork) {
        var work = UnitWork()
        calls[hold.call] = .open
        handle(.hold(hold), &work, at: now)
        var answer: HoldAnswer?
        if case .answered(let found)? = calls[hold.call] { answer = found }
        if answer == nil, !waits { handle(.giveBack(hold.call), &work, at: now) }
        if answer != nil || !waits { calls[hold.call] = nil }
        plan(&work)
        return (answer, work)
    }

    private mutating func handle(
        _ event: EscrowEvent, _ work: inout UnitWork, at now: ClockReading
    ) {
        for action in node.handle(event, at: now) { take(action, &work) }
    }

    /// Says which tasks are to be started.
    private mutating func plan(_ work: inout UnitWork) {
        (work.takers, work.writers) = queue.staff()
        guard !isTimed, !calls.isEmpty else { return }
        isTimed = true
        work.startsTimer = true
    }

    private mutating func take(_ action: EscrowAction, _ work: inout UnitWork) {
        switch action {
        case .take(let take): queue.add(take)
        case .report(let report): queue.add(.report(report))
        case .putBack(let lease):
            queue.add(.putBack(lease, most: node.most(of: lease.key, atLeast: lease.granted)))
        case .finishRestoring(let generation): queue.add(.finishRestoring(generation))
        case .admit(let call): finish(call, .admitted, &work)
        case .refuse(let call, let shortfall): finish(call, .refused(shortfall), &work)
        case .send: break
        }
    }

    private mutating func finish(_ call: CallID, _ answer: HoldAnswer, _ work: inout UnitWork) {
        switch calls[call] {
        case .open?: calls[call] = .answered(answer)
        case .waits(let continuation)?:
            calls[call] = nil
            work.answers.append((continuation, answer))
        case .answered?, nil: break
        }
    }
}
