import InterlockCluster
import InterlockModel

/// The functions for requests, runs, units, and entries that are put back.
extension SimulatedStore {
    mutating func vote(_ grant: Int, _ version: Int64) throws(StoreError) {
        guard var request = rows.requests[grant], request.version == version,
            request.state == .pending
        else { throw StoreError(.closed) }
        request.version += 1
        request.state = .approved
        request.isVoted = true
        rows.requests[grant] = request
    }

    /// use: the conditional update and the append are one statement.
    mutating func use(_ use: UseRequest) throws(StoreError) -> StoreAnswer {
        guard mayUse(use) else {
            guard let rows = foreignUse(for: use) else { throw StoreError(.closed) }
            return .rows(rows)
        }
        return try count(use)
    }

    /// The condition of `use`.
    func mayUse(_ use: UseRequest) -> Bool {
        guard isOpen, let request = rows.requests[use.grant], !rows.nonces.contains(use.nonce)
        else { return false }
        return request.version == use.version && request.state == .approved
    }

    /// The changes of `use`. A store that makes them in a second statement counts what it finds then.
    mutating func count(_ use: UseRequest) throws(StoreError) -> StoreAnswer {
        guard var request = rows.requests[use.grant] else { throw StoreError(.closed) }
        request.used += 1
        request.version += 1
        request.state = .used
        let id: ApprovalID = SimulatedOrganisation.id(use.grant)
        var entry = use.draft.stored(after: rows.head, hashing: hashing)
        entry.subject = "\(id.text)/\(request.used)"
        try append(entry, use.draft.kind)
        rows.requests[use.grant] = request
        rows.nonces.insert(use.nonce)
        return .rows(entries(after: use.known))
    }

    /// claim: new runs wait for a new generation to be open, as all that is appended or taken.
    mutating func claim(_ claim: RunClaim) throws(StoreError) -> StoreAnswer {
        guard isOpen else { throw StoreError(.notCompared) }
        if faults.contains(.claimWithoutIncarnation), let row = rows.runs.row(claim.run),
            !row.isFree, row.node != claim.node
        {
            let freed = RunChange(
                run: claim.run, node: row.node, incarnation: row.incarnation, term: row.term,
                kind: .free(calls: row.calls))
            try? rows.runs.change(freed)
        }
        do throws(RunTableRefusal) {
            let answer = try rows.runs.claim(claim)
            guard case .assigned = answer else { return .claimed(answer, claim: 0) }
            return .claimed(answer, claim: nextClaim())
        } catch { throw StoreError(.runs(error)) }
    }

    mutating func units(
        _ call: StoreCall, _ node: Int, at time: VirtualTime
    ) throws(StoreError) -> StoreAnswer {
        let now = clock.wall(at: time)
        if case .take = call, !isOpen { throw StoreError(.notCompared) }
        do throws(EscrowRefusal) {
            switch call {
            case .take(let take):
                return .units(try rows.escrow.take(take, at: now))
            case .report(let report): try rows.escrow.report(report, at: now)
            case .putBack(let lease): try rows.escrow.putBack(lease, at: now)
            case .finishRestoring(let generation):
                guard let incarnation = Incarnation(rows.members[node].incarnation) else {
                    throw .expelled
                }
                try rows.escrow.finishRestoring(
                    SimulatedOrganisation.nodeName(node), incarnation, generation: generation)
            default: break
            }
            return .done
        } catch { throw StoreError(.units(error)) }
    }

    /// repair: takes exactly what links to the head.
    mutating func repair(_ entries: [StoredEntry]) {
        for entry in entries {
            let isLinked =
                ChainRepair.accepted(entry, after: rows.head, hashing: hashing) != nil
            guard isLinked || faults.contains(.repairUnlinked) else { return }
            rows.entries.append(entry)
        }
    }
}
