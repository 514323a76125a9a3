import InterlockModel

/// Runs that this node gives away or loses.
extension RunRouter {
    /// Frees the runs that were not used for a minute.
    mutating func freeUnused(at now: BootTime) -> [RunAction] {
        let unused = served.filter { $0.value.isUnused }
            .filter { isDraining || now - $0.value.lastUsed >= AssignmentTimes.unused }
        return unused.keys.sorted { $0.text < $1.text }.flatMap { free($0) }
    }

    mutating func drain(at now: BootTime) -> [RunAction] {
        isDraining = true
        return freeUnused(at: now)
    }

    mutating func freeIfUnused(_ run: RunID) -> [RunAction] {
        served[run]?.isUnused == true ? free(run) : []
    }

    /// Asks the store to free a run. It is not served from here on, whatever the store answers.
    private mutating func free(_ run: RunID) -> [RunAction] {
        guard var serving = served[run] else { return [] }
        serving.isFreeing = true
        served[run] = serving
        return [change(serving, of: run, .free(calls: serving.calls))]
    }

    /// Gives up a run that is free, or may be. What came since claims it anew: the store raises the term then, so that
    /// a late request to free it counts no more.
    mutating func moveFreed(_ run: RunID) -> [RunAction] {
        guard let serving = served.removeValue(forKey: run) else { return [] }
        remember(run, FreedRun(serving, least: .clean))
        guard !serving.waiting.isEmpty else { return [.drop(run)] }
        return [.drop(run)] + claim(run, serving.agent, for: serving.waiting)
    }

    /// Ends a run here, as its entry in the control chain says.
    mutating func end(_ run: RunID) -> [RunAction] {
        others[run] = nil
        freed[run] = nil
        return drop(run) { _ in .ended }
    }

    /// Gives up a run that the store says another claim has.
    mutating func lose(_ run: RunID) -> [RunAction] {
        drop(run) { $0.peer == nil ? .moving : .notMine }
    }

    private mutating func drop(
        _ run: RunID, _ refusal: (WaitingMessage) -> RunRefusal
    ) -> [RunAction] {
        guard let serving = served.removeValue(forKey: run) else { return [] }
        var actions: [RunAction] = serving.results.map { .withhold($0.call) }
        for message in serving.waiting { actions += refuse(message, refusal(message)) }
        return actions + [.drop(run)]
    }

    /// Begins another incarnation: what the one before served may be served by other nodes. A store that lost the commit
    /// of an earlier join gives its number again, so the number says nothing of the runs.
    mutating func join(_ new: Incarnation) -> [RunAction] {
        incarnation = new
        isDraining = false
        var actions: [RunAction] = []
        for run in served.keys.sorted(by: { $0.text < $1.text }) {
            if let serving = served[run] { remember(run, FreedRun(serving, least: .untrusted)) }
            actions += lose(run)
        }
        let pending = claims.values.sorted { $0.claim.number < $1.claim.number }
        claims = [:]
        others = [:]
        for claim in pending {
            for message in claim.waiting { actions += refuseMoving(message) }
        }
        return actions
    }
}
