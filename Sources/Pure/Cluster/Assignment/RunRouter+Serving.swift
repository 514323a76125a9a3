import InterlockModel

/// Messages and results of the runs that this node serves.
extension RunRouter {
    mutating func serve(
        _ message: WaitingMessage, of run: RunID, at now: BootTime
    ) -> [RunAction] {
        guard var serving = served[run] else { return refuseMoving(message) }
        defer { served[run] = serving }
        guard !serving.isFreeing else {
            serving.waiting.append(message)
            return []
        }
        serving.lastUsed = now
        var actions: [RunAction] = []
        if message.isCall {
            guard serving.calls < serving.reserved, serving.waiting.isEmpty else {
                serving.waiting.append(message)
                return reserveCalls(&serving, of: run)
            }
            serving.calls += 1
            if serving.calls + AssignmentTimes.calls / 2 >= serving.reserved {
                actions = reserveCalls(&serving, of: run)
            }
        }
        serving.open.insert(message.message)
        forget(message.message)
        return [.serve(message.message, run)] + actions
    }

    /// Asks the store to keep a higher number of calls, ahead of the calls.
    private func reserveCalls(_ serving: inout ServedRun, of run: RunID) -> [RunAction] {
        guard serving.reserving == nil else { return [] }
        let number = serving.reserved.saturated(adding: AssignmentTimes.calls)
        serving.reserving = number
        return [change(serving, of: run, .calls(number))]
    }

    func change(_ serving: ServedRun, of run: RunID, _ kind: RunChange.Kind) -> RunAction {
        .change(
            RunChange(
                run: run, node: node, incarnation: incarnation, term: serving.term, kind: kind))
    }

    mutating func finish(
        _ message: RunMessage, of run: RunID, at now: BootTime
    ) -> [RunAction] {
        guard served[run]?.open.remove(message) != nil else { return [] }
        served[run]?.lastUsed = now
        return isDraining ? freeIfUnused(run) : []
    }

    /// Holds back a result that raises the level of its run until the store has the level.
    mutating func take(
        _ level: TaintLevel, of call: CallID, in run: RunID
    ) -> [RunAction] {
        guard var serving = served[run], !serving.isFreeing else { return [.withhold(call)] }
        defer { served[run] = serving }
        serving.level = max(serving.level, level)
        guard level > serving.committed else { return [.release(call)] }
        serving.results.append(WaitingResult(call: call, level: level))
        guard serving.committing.map({ $0 < level }) ?? true else { return [] }
        serving.committing = level
        return [change(serving, of: run, .level(level))]
    }

    /// Takes that the store has made a change.
    mutating func take(_ change: RunChange, at now: BootTime) -> [RunAction] {
        if case .putBack = change.kind {
            restoring?.remove(change.run)
            return []
        }
        guard isCurrent(change), var serving = served[change.run] else { return [] }
        switch change.kind {
        case .free: return moveFreed(change.run)
        case .level(let level):
            serving.committed = max(serving.committed, level)
            if serving.committing.map({ $0 <= level }) ?? false { serving.committing = nil }
            let committed = serving.committed
            let done = serving.results.filter { $0.level <= committed }
            serving.results.removeAll { $0.level <= committed }
            serving.lastUsed = now
            served[change.run] = serving
            var actions: [RunAction] = done.map { .release($0.call) }
            if isDraining { actions += freeIfUnused(change.run) }
            return actions
        case .calls(let number):
            serving.reserved = max(serving.reserved, number)
            serving.reserving = nil
            let waiting = serving.waiting
            serving.waiting = []
            served[change.run] = serving
            return waiting.flatMap { serve($0, of: change.run, at: now) }
        case .putBack: return []
        }
    }

    /// Takes that a change was refused or that its outcome is unknown: what waits for it is not permitted.
    mutating func fail(_ change: RunChange, _ refusal: RunTableRefusal?) -> [RunAction] {
        if case .putBack = change.kind { return failPutBack(change, refusal) }
        guard isCurrent(change), var serving = served[change.run] else { return [] }
        if refusal == .moved || refusal == .expelled, !serving.isFreeing {
            return lose(change.run)
        }
        switch change.kind {
        case .free: return moveFreed(change.run)
        case .level(let level):
            // The level stays as high for decisions; the next result asks for its commit again.
            if serving.committing.map({ $0 <= level }) ?? false { serving.committing = nil }
            let lost = serving.results.filter { $0.level <= level }
            serving.results.removeAll { $0.level <= level }
            served[change.run] = serving
            return lost.map { .withhold($0.call) }
        case .calls:
            serving.reserving = nil
            let waiting = serving.waiting
            serving.waiting = []
            served[change.run] = serving
            return waiting.flatMap { refuse($0, .storeUnavailable) }
        case .putBack: return []
        }
    }

    func isCurrent(_ change: RunChange) -> Bool {
        change.node == node && change.incarnation == incarnation
            && served[change.run]?.term == change.term
    }
}
