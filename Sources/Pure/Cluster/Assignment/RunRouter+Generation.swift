import InterlockModel

/// Runs that a new generation of the store may have lost. A claim that is lost would let another node serve the run too,
/// so nothing is claimed until each node has put back what it serves and what it freed.
extension RunRouter {
    mutating func take(_ new: StoreGeneration, isRestored: Bool) -> [RunAction] {
        var actions: [RunAction] = []
        if isRestored {
            restoring = nil
        } else if restoring == nil || new != generation {
            actions += giveUpClaims()
            restoring = Set(served.keys).union(freed.keys)
        }
        generation = new
        return actions + putBack()
    }

    /// Gives up the claims on their way: the store may have lost what it assigned.
    mutating func giveUpClaims() -> [RunAction] {
        let pending = claims.values.sorted { $0.claim.number < $1.claim.number }
        claims = [:]
        var actions: [RunAction] = []
        for claim in pending {
            for message in claim.waiting { actions += refuse(message, .storeUnavailable) }
        }
        return actions
    }

    /// Puts back the runs that are left. An answer that was lost is asked for again with the next heartbeat.
    private mutating func putBack() -> [RunAction] {
        var actions: [RunAction] = []
        for run in (restoring ?? []).sorted(by: { $0.text < $1.text }) {
            if let serving = served[run] {
                let known = RunPutBack(
                    serving, calls: max(serving.reserved, serving.reserving ?? 0),
                    isFree: serving.isFreeing)
                actions.append(change(serving, of: run, .putBack(known)))
            } else if let known = freed[run] {
                actions.append(
                    .change(
                        RunChange(
                            run: run, node: node, incarnation: incarnation, term: known.term,
                            kind: .putBack(known.putBack))))
            } else {
                // It ended meanwhile.
                restoring?.remove(run)
            }
        }
        return actions
    }

    /// Gives up a run of which the store has a later claim.
    mutating func failPutBack(
        _ change: RunChange, _ refusal: RunTableRefusal?
    ) -> [RunAction] {
        switch refusal {
        case .moved?, .unfit?:
            restoring?.remove(change.run)
            if freed[change.run]?.term == change.term { freed[change.run] = nil }
            return isCurrent(change) ? lose(change.run) : []
        case .expelled?, .closed?, nil: return []
        }
    }

    /// Keeps what a new generation would need. Of too many all are forgotten: the store takes an old row as tainted.
    mutating func remember(_ run: RunID, _ known: FreedRun) {
        if freed.count >= AssignmentTimes.freed { freed = [:] }
        freed[run] = known
    }
}
