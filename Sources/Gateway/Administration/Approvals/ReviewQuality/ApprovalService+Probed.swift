import InterlockAlerts
package import InterlockApprovals
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

/// The changes of a probe after it was asked.
extension ApprovalService {
    func isProbe(_ id: ApprovalID) -> Bool { state.withLock { $0.probes[id] != nil } }

    /// Applies one event to one probe, for a caller that is inside its gate. A decision is durable before it is
    /// visible.
    func changeProbe(
        _ id: ApprovalID, _ event: ApprovalEvent, note: String?
    ) async -> ApprovalAction {
        guard let before = state.withLock({ $0.probes[id] }) else {
            return .refused(.noSuchRequest)
        }
        var probe = before
        let action = probe.handle(event, at: ports.clock.wall)
        guard action.isChange else { return action }
        if let record = record(of: action, on: probe, event, note) {
            do throws(LedgerRefusal) {
                let receipt = try await ports.ledger.append(record)
                state.withLock { $0.marks[id] = receipt.index }
            } catch { return .refused(.notRecorded(error.code)) }
        }
        // If this cannot be stored, the next start finds the end in the log.
        if probe.isOver {
            try? await ports.reviewQuality.store?.drop(probe: id)
        } else {
            try? await ports.reviewQuality.store?.keep(probe: id, body: stored(probe))
        }
        state.withLock { state in
            state.probes.put(probe)
            if probe.isOver { state.marks[id] = nil }
        }
        remember(action, event, of: probe.form)
        alertMissed(action)
        topics.tell()
        if let kind = kind(action, event) { ports.topics(kind, probe.form) }
        return action
    }

    /// Returns the notification of a change. A decided probe ends like any request, denied or void, so that it stays
    /// secret.
    private func kind(_ action: ApprovalAction, _ event: ApprovalEvent) -> ApprovalNotification
        .Kind?
    {
        guard case .probed(let isCaught, _) = action else {
            return ApprovalNotification.Kind(action, event)
        }
        return isCaught ? .denied : .void
    }

    private func record(
        of action: ApprovalAction, on probe: Probe, _ event: ApprovalEvent, _ note: String?
    ) -> RecordDraft? {
        let form = probe.form
        switch action {
        case .expired(let cause): return ended(.approvalExpired, form, cause)
        case .withdrawn(let cause): return ended(.approvalWithdrawn, form, cause)
        case .void(let cause): return ended(.approvalVoid, form, cause)
        case .probed(let isCaught, let person):
            var payloads: [(field: String, plaintext: [UInt8])] = [
                ("flaw", Array(probe.flaw.sentence.utf8))
            ]
            var note = note
            let via: String
            switch event {
            case .vote(let vote):
                via = vote.proof.via
                payloads.append(("proof", vote.evidence.bytes))
            case .object(let objection):
                via = objection.means.rawValue
                note = objection.text
            default: return nil
            }
            if let note, !note.isEmpty { payloads.append(("note", Array(note.utf8))) }
            return draft(
                .approvalProbe, form,
                [
                    "by": .string(person.text), "via": .string(via),
                    "verdict": .string(isCaught ? "deny" : "approve"),
                    "bindc": .string(form.bind.base64), "code": .string(probe.flaw.code),
                ], payloads)
        default: return nil
        }
    }

    /// Raises an alert if this missed probe excludes the person from approving until retraining.
    private func alertMissed(_ action: ApprovalAction) {
        guard case .probed(false, let person) = action,
            let measures = try? measures(of: person), measures.contains(.retraining)
        else { return }
        ports.alarm("approver.missed_probes", person.text)
    }

    /// Ends the probes about these calls, planned or asked, as a request about them would end.
    func endProbes(_ cause: ApprovalCause, where isMeant: @Sendable (CanonicalCall) -> Bool) async {
        let meant = state.withLock { state -> [ApprovalID] in
            state.planned.removeAll { isMeant($0.call) }
            return state.probes.live.filter { isMeant($0.form.review.call) }.map(\.id)
        }
        for id in meant { _ = await change(id, .void(cause)) }
    }

    /// Restores the probes that waited when the last process ended, and drops those whose end only the log has. A probe
    /// that does not verify as it was written is left out, which raises an alert.
    func restoreProbes() async throws(StoreFailure) {
        guard let store = ports.reviewQuality.store, let judge = ports.judge else { return }
        var found: [ApprovalID: (probe: Probe, mark: UInt64)] = [:]
        for body in try await store.probes() {
            guard
                let probe = try? Probe(
                    json: body["probe"] ?? .null, judge: judge, hashing: ports.hashing)
            else {
                ports.alarm("approval.unreadable", "probe")
                continue
            }
            let mark = body["at"]?.integer.flatMap(UInt64.init(exactly:)) ?? 0
            found[probe.id] = (probe, mark)
        }
        guard !found.isEmpty else { return }
        let traces =
            try await ports.logReader?.records(
                of: Set(found.keys), from: found.values.map(\.mark).min() ?? 0) ?? []
        let ends: Set<RecordType> = [
            .approvalProbe, .approvalExpired, .approvalWithdrawn, .approvalVoid,
        ]
        let over = Set(traces.filter { ends.contains($0.type) }.map(\.request))
        for (id, row) in found {
            if over.contains(id) {
                try? await store.drop(probe: id)
            } else {
                state.withLock { state in
                    state.probes.put(row.probe)
                    state.marks[id] = row.mark
                    for voter in row.probe.form.voters {
                        state.probed[voter.pseudonym] = row.probe.form.created
                    }
                }
            }
        }
    }
}

/// Requests as people see them: probes are among them and cannot be distinguished.
extension ApprovalService {
    /// Returns a request that waits or that ended recently.
    package func shown(_ id: ApprovalID) -> ApprovalRequest? {
        state.withLock { $0.table[id] ?? $0.probes[id]?.form }
    }

    package func isAwaited(_ run: RunID) -> Bool {
        state.withLock { state in
            state.table.openByRun[run] != nil
                || state.probes.live.contains { $0.form.review.call.run == run }
        }
    }

    package var waiting: [RunID: Int] { state.withLock(\.table.openByRun) }

    /// The requests that have not ended, in no order.
    package var shownLive: [ApprovalRequest] {
        state.withLock { $0.table.open.values + $0.probes.live.map(\.form) }
    }

    /// The requests that have not ended and those that ended last, in no order.
    package var shown: [ApprovalRequest] {
        let (open, ended, probes) = state.withLock {
            ($0.table.open, $0.table.ended, ($0.probes.live + $0.probes.lastEnded).map(\.form))
        }
        var found = Array(open.values)
        found += ended.values
        found += probes
        return found
    }

    /// The number of requests that wait for this person's vote.
    package func waitingCount(for person: Person) -> Int {
        var count = 0
        for request in shownLive where request.waits(for: person) { count += 1 }
        return count
    }
}
