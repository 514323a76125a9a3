import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// Releases of halts (docs/specs/kill-switch.md, section 8): two people sign, and the release is durable in the audit log,
/// then in the control log, then in its file, before it takes effect.
extension HaltService {
    /// Takes a release with its first signature; it waits up to one hour for the second person. If the same bytes are
    /// sent again, their signature is added to the waiting release, or the release is reported as already done.
    package func propose(_ envelope: Envelope) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        let now = gateway.clock.wall
        if envelope.payloadType == .release, isTaken(envelope) { return .ready(envelope) }
        if let same = releases.first(where: { $0.payload == envelope.payload }) {
            return try await confirm(same.order.id, envelope)
        }
        // A halt that came to this node by a push may not be in its chain yet.
        await cluster?.catchUp()
        let draft: ReleaseDraft
        do throws(OrderRefusal) {
            draft = try ReleaseDraft(
                envelope, judge: judge.verifier(of: envelope).verifier, now: now)
            try check(draft.order)
            try await passkeys.count(draft.signatures)
        } catch { throw await refused(envelope, error) }
        state.withLock { state in
            state.drafts = state.drafts.filter { now < $0.value.ends }
            state.drafts[draft.order.id] = draft
        }
        gateway.ledger.note(
            RecordDraft(
                .killReleaseRequested, run: nil, fields: ["req": .string(draft.order.id.text)]))
        return try await settle(
            draft.progress(judge: judge.verifier(of: draft.order.org), now: now), .again(now))
    }

    /// The releases that wait for another signature, oldest first.
    package var releases: [ReleaseDraft] {
        let now = gateway.clock.wall
        return state.withLock { $0.drafts.values.filter { now < $0.ends } }
            .sorted { ($0.started, $0.order.id.text) < ($1.started, $1.order.id.text) }
    }

    /// Returns the order that a second person signs, or nil if there is no such release.
    package func pending(_ id: OrderID) -> ReleaseOrder? { state.withLock { $0.drafts[id]?.order } }

    /// Adds the second person's signature, and releases the halts if it is the last one required.
    package func confirm(
        _ id: OrderID, _ envelope: Envelope
    ) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        let now = gateway.clock.wall
        let progress: ReleaseDraft.Progress
        do throws(OrderRefusal) {
            guard let draft = state.withLock({ $0.drafts[id] }) else { throw .unknownHalt(id) }
            guard now < draft.ends else { return .expired }
            let judge = self.judge.verifier(of: draft.order.org)
            let judged = try draft.judged(envelope, by: judge, now: now)
            var together = draft
            try together.add(judged)
            try await passkeys.count(judged)
            progress = try state.withLock { state throws(OrderRefusal) in
                guard var draft = state.drafts[id] else { throw OrderRefusal.unknownHalt(id) }
                try draft.add(judged)
                state.drafts[id] = draft
                return draft.progress(judge: judge, now: now)
            }
        } catch { throw await refused(envelope, error) }
        return try await settle(progress, .again(now))
    }

    /// Records a release that is ready, stores it and puts it in force, once. Other progress is returned unchanged.
    ///
    /// - Parameter time: the time at which the signatures are verified. If it is `now`, the counters of the passkeys
    ///   are stored before the release is recorded.
    func settle(
        _ progress: ReleaseDraft.Progress, _ time: SignedOrderVerifier.Time
    ) async throws(OrderRefusal) -> ReleaseDraft.Progress {
        guard case .ready(let envelope) = progress else { return progress }
        await releasing.enter()
        defer { releasing.leave() }
        // A release that became ready is settled by who signed last and by the sweep, whichever comes first.
        if isTaken(envelope) { return progress }
        let now = gateway.clock.wall
        let accepted = try judge.release(envelope, time)
        try check(accepted.order)
        if case .now = time { try await passkeys.count(accepted.signatures) }
        // The chain first: a node that dies after it finds the release there.
        let shared = accepted.order.org == org ? cluster : nil
        let entry = try await shared?.release(accepted.order, accepted.envelope)
        try await record(accepted, at: entry)
        do throws(StoreFailure) {
            try await entries?.append(.release, accepted.order.id, accepted.envelope)
        } catch { throw .notRecorded("store") }
        try await store(accepted, at: now)
        askToCheck(accepted.order.halts)
        return progress
    }

    /// Stores a release, then puts it in force. No lock is held while the disk is written, because a halt needs it.
    ///
    /// A halt that comes meanwhile stays in force, whatever it covers: the release does not name it.
    func store(_ release: AcceptedRelease, at now: Timestamp) async throws(OrderRefusal) {
        let planned = try state.withLock { state throws(OrderRefusal) in
            // The release is applied to a copy, so that it takes no effect if it cannot be stored.
            var book = state.book
            if cluster == nil {
                _ = try book.apply(release, at: now, hashing: hashing)
            } else {
                _ = try book.apply(stored: release, at: now, hashing: hashing)
            }
            state.storing = hashing.sha256(release.envelope.payload)
            return book.epoch
        }
        defer { state.withLock { $0.storing = nil } }
        guard await keep(release.envelope, release.order.id, planned) else {
            throw .notRecorded("state/kill")
        }
        let epoch = try state.withLock { state throws(OrderRefusal) in
            _ = try state.book.apply(stored: release, at: now, hashing: hashing)
            state.drafts[release.order.id] = nil
            revokeRuns(of: release.order.halts, at: now)
            gateway.halts.replace(with: state.inForce)
            return state.book.epoch
        }
        // If this fails, the disk has an epoch that names one order less; a start accepts more orders than it names.
        if epoch != planned { _ = await keep(release.envelope, release.order.id, epoch) }
    }

    /// Raises an alert for each released halt, but that of a drill, that cut calls whose effect at their servers is
    /// unknown: agents continue, and what these calls did is a person's to find out.
    private func askToCheck(_ halts: [OrderID]) {
        for id in halts {
            guard let report = reports[id], !report.manual.isEmpty,
                report.order.target != .drill
            else { continue }
            gateway.raise(alarm: "kill.unchecked", subject: id.text)
        }
    }

    /// Revokes the credentials of the runs that the released halts stopped. A release restores no run: agents begin new
    /// ones. Until the release, these credentials receive the refusal that the agent is halted. Halts of servers and
    /// tools end no run.
    func revokeRuns(of halts: [OrderID], at now: Timestamp) {
        let active = gateway.halts.halts.active
        let targets = Set(halts.compactMap { active[$0]?.target }.filter(\.stopsCallers))
        guard !targets.isEmpty else { return }
        gateway.halts.release(targets, at: now)
        let runs = gateway.runs.terms.withLock { terms in
            terms.runs { run, agent in
                targets.contains(.org) || targets.contains(.run(run))
                    || targets.contains(.drill) && agent.isCanary
                    || targets.contains(.agent(agent))
                    || gateway.policy.owner(of: agent).map { targets.contains(.owner($0)) } ?? true
            }
        }
        // A revocation of no run has an effect too: each credential is looked up again.
        gateway.ports.authenticator.revoke(runs: runs, now: now)
        gateway.workloads.forget(Set(runs))
    }
}

/// A release that needs another person's signature.
package struct ReleaseProposal: Sendable {
    package let order: ReleaseOrder
    /// The signers, in the order in which they signed.
    package let signers: [Person]
    /// The number of people who must sign.
    package let need: Int
    package let started: Timestamp
    package let ends: Timestamp
}

extension HaltService {
    /// The proposed releases, oldest first.
    package var waitingReleases: [ReleaseProposal] {
        let trust = judge.organisation.trust
        return releases.map { draft in
            ReleaseProposal(
                order: draft.order,
                signers: draft.signatures.compactMap { trust.person($0.signer)?.person },
                need: trust.releaseQuorum, started: draft.started, ends: draft.ends)
        }
    }
}
