import InterlockJSON
import InterlockLedger
package import InterlockModel
import Synchronization

/// The end of halts (specs of the kill switch, section 8): two people, and the log first.
extension KillDesk {
    /// Takes a release with its first signature; it waits an hour for the second person.
    package func propose(_ envelope: Envelope) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        let now = gateway.clock.wall
        let draft: ReleaseDraft
        do {
            draft = try ReleaseDraft(envelope, judge: judge, now: now)
            try state.withLock { state throws(OrderRefusal) in try state.book.check(draft.order) }
        } catch {
            note(refused: error)
            throw error
        }
        state.withLock { state in
            state.drafts = state.drafts.filter { now < $0.value.started + ReleaseDraft.life }
            state.drafts[draft.order.id] = draft
        }
        gateway.ledger.note(
            RecordDraft(
                .killReleaseRequested, run: nil, fields: ["req": .string(draft.order.id.text)]))
        return try await settle(draft.progress(judge: judge, now: now))
    }

    /// The order that a second person signs; nil when there is no such release.
    package func pending(_ id: OrderID) -> ReleaseOrder? { state.withLock { $0.drafts[id]?.order } }

    /// Adds the second person's signature and, when it is the last one needed, releases.
    package func confirm(
        _ id: OrderID, _ envelope: Envelope
    ) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        let now = gateway.clock.wall
        let progress: ReleaseDraft.Progress
        do {
            progress = try state.withLock { state throws(OrderRefusal) in
                guard var draft = state.drafts[id] else { throw OrderRefusal.unknownHalt(id) }
                let progress = try draft.sign(envelope, judge: judge, now: now)
                state.drafts[id] = draft
                return progress
            }
        } catch {
            note(refused: error)
            throw error
        }
        return try await settle(progress)
    }

    func settle(_ progress: ReleaseDraft.Progress) async throws(OrderRefusal)
        -> ReleaseDraft.Progress
    {
        guard case .ready(let envelope) = progress else { return progress }
        let now = gateway.clock.wall
        let accepted = try judge.release(envelope, .now(now))
        try state.withLock { state throws(OrderRefusal) in try state.book.check(accepted.order) }
        try await record(accepted)
        try state.withLock { state throws(OrderRefusal) in
            // On a copy: what cannot be kept must not be in force.
            var book = state.book
            _ = try book.apply(accepted, at: now, hashing: hashing)
            do throws(StoreFailure) {
                try store.keep(accepted.envelope, id: accepted.order.id, epoch: book.epoch)
            } catch {
                throw OrderRefusal.notRecorded("state/kill")
            }
            state.book = book
            state.drafts[accepted.order.id] = nil
            revokeRuns(of: accepted.order.halts, at: now)
            gateway.halts.replace(with: book.set)
        }
        return progress
    }

    /// A release brings no run back: agents begin others. Until then their credentials are answered that they are
    /// halted, so it is here that they end. Halts of servers and tools end nobody's run.
    private func revokeRuns(of halts: [OrderID], at now: Timestamp) {
        let active = gateway.halts.halts.active
        let targets = Set(halts.compactMap { active[$0]?.target }.filter(\.stopsCallers))
        guard !targets.isEmpty else { return }
        let runs = gateway.runs.terms.withLock { terms in
            terms.runs { run, agent in
                targets.contains(.org) || targets.contains(.run(run))
                    || targets.contains(.agent(agent))
                    || gateway.policy.owner(of: agent).map { targets.contains(.owner($0)) } ?? true
            }
        }
        guard !runs.isEmpty else { return }
        gateway.authenticator.revoke(runs: runs, now: now)
        gateway.workloads.forget(Set(runs))
    }
}
