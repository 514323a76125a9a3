import InterlockApprovals
import InterlockJSON
import InterlockLedger
import InterlockModel
import Synchronization

extension ApprovalDesk {
    /// One event for one request, written down before it is seen.
    ///
    /// - Returns: what happened; `refused` when nothing did.
    func change(_ id: ApprovalID, _ event: ApprovalEvent) async -> ApprovalAction {
        await gate.enter()
        defer { gate.leave() }
        return await changeInside(id, event)
    }

    /// The same for whoever is inside the gate.
    func changeInside(_ id: ApprovalID, _ event: ApprovalEvent) async -> ApprovalAction {
        guard let before = self[id] else { return .refused(.noSuchRequest) }
        var request = before
        let action = request.handle(event, at: ports.clock.now.wall)
        guard let record = record(of: action, on: request, event) else {
            // Nothing to write down: the largest time seen may have moved, no more.
            return action
        }
        do throws(LedgerRefusal) {
            let receipt = try await ports.ledger.append(record)
            if record.type == .approvalGranted {
                state.withLock { $0.votes[id, default: []].append(receipt.leafHash) }
            }
        } catch {
            return .refused(.notRecorded(error.code))
        }
        let votes = state.withLock { $0.votes[id] ?? [] }
        do throws(StoreFailure) {
            let isFirst = try await ports.store.replace(
                id: id, revision: before.revision, state: before.state.rawValue,
                with: request.state.rawValue, newRevision: request.revision,
                body: stored(request, votes: votes))
            guard isFirst else { return .refused(.closed(before.state)) }
        } catch {
            return .refused(.notRecorded("store"))
        }
        show(request)
        return action
    }

    /// From here on everybody sees it, and whoever waits for its end goes on.
    func show(_ request: ApprovalRequest) {
        let waiters = state.withLock { state -> [Waiter] in
            state.table.put(request)
            if request.state.isFinal { state.votes[request.id] = nil }
            guard request.state != .pending else { return [] }
            return state.waiters.removeValue(forKey: request.id) ?? []
        }
        for waiter in waiters { waiter.resume(request) }
    }

    private func record(
        of action: ApprovalAction, on request: ApprovalRequest, _ event: ApprovalEvent
    ) -> RecordDraft? {
        switch action {
        case .none, .refused, .shrunk: return nil
        case .counted(let have, _): return voted(.approvalGranted, request, event, i: have)
        case .granted: return voted(.approvalGranted, request, event, i: request.votes.count)
        case .denied:
            ports.alarm("approval.rejected", request.id.text)
            return voted(.approvalDenied, request, event, i: nil)
        case .expired(let cause): return ended(.approvalExpired, request, cause)
        case .withdrawn(let cause): return ended(.approvalWithdrawn, request, cause)
        case .void(let cause): return ended(.approvalVoid, request, cause)
        case .reissued:
            return draft(
                .approvalReissued, request, ["rev": .integer(Int64(request.revision))],
                [("bind", request.review.bytes)], salt: request.salt)
        // The use is recorded by `use`, after the store has given the grant away.
        case .used: return nil
        }
    }

    private func voted(
        _ type: RecordType, _ request: ApprovalRequest, _ event: ApprovalEvent, i: Int?
    ) -> RecordDraft? {
        guard case .vote(let vote) = event else { return nil }
        var fields: JSONObject = [
            "by": .string(vote.approver.text), "via": "cli-key",
            "bindc": .string(request.bind.base64),
            "need": .integer(Int64(request.decision.quorum)),
        ]
        fields["i"] = i.map { .integer(Int64($0)) }
        if request.revision > 1 { fields["rev"] = .integer(Int64(request.revision)) }
        return draft(type, request, fields, [("proof", vote.envelope.bytes)])
    }

    private func ended(_ type: RecordType, _ request: ApprovalRequest, _ cause: ApprovalCause)
        -> RecordDraft
    {
        draft(
            type, request, ["code": .string("approval." + cause.rawValue.hyphensAsUnderscores)], [])
    }

    func draft(
        _ type: RecordType, _ request: ApprovalRequest, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])], salt: [UInt8]? = nil
    ) -> RecordDraft {
        var fields = fields
        fields["appr"] = .string(request.id.text)
        fields["call"] = .string(request.call.text)
        let call = request.review.call
        return ports.records.record(
            type, run: RunContext(run: call.run, agent: call.agent, subject: call.subject),
            fields: fields, sealing: payloads, salt: salt)
    }
}
