import InterlockAlerts
package import InterlockApprovals
import InterlockEvidence
package import InterlockGovernor
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

extension ApprovalService {
    package func change(_ id: ApprovalID, _ event: CallApprovalEvent) async -> ApprovalAction {
        switch event {
        case .withdraw(let cause): await change(id, .withdraw(cause), note: nil)
        case .void(let cause): await change(id, .void(cause), note: nil)
        case .consent(let bind): await change(id, .consent(bind: bind), note: nil)
        }
    }

    /// - Parameter note: a person's remark, for the record only.
    func change(
        _ id: ApprovalID, _ event: ApprovalEvent, note: String? = nil
    ) async -> ApprovalAction {
        // Earlier approvals of this person decide whether this one counts.
        let voter = ports.reviewQuality.refuses ? event.approver : nil
        if let voter { await gates.voters.enter(voter) }
        defer { if let voter { gates.voters.leave(voter) } }
        await gates.requests.enter(id)
        defer { gates.requests.leave(id) }
        return await changeInside(id, event, note: note)
    }

    /// Does the same for a caller that is inside the gate of the request.
    func changeInside(
        _ id: ApprovalID, _ event: ApprovalEvent, note: String? = nil
    ) async -> ApprovalAction {
        if case .vote(let vote) = event {
            // The credential of this vote or of an earlier one may have been revoked since the vote was verified.
            guard ports.people.book?.stands(vote.credential) ?? false else {
                return .refused(.notEligible(.credentialEnded))
            }
            guard await dropRevoked(of: id) else { return .refused(.notRecorded("audit")) }
            guard holdsSeat(vote.approver, in: id) else {
                return .refused(.notEligible(.delegationEnded))
            }
            if vote.statement.verdict == .approve {
                do throws(ApprovalRefusal) { try await checkPace(of: vote.approver) } catch {
                    return .refused(error)
                }
            }
        }
        if isProbe(id) { return await changeProbe(id, event, note: note) }
        guard let before = self[id] else { return .refused(.noSuchRequest) }
        var request = before
        let action = request.handle(event, at: ports.clock.wall)
        // If this is not a change, at most the latest time seen has moved.
        guard action.isChange else { return action }
        guard let change = ApprovalChange(action) else { return .refused(.notGranted) }
        var votes = kept(of: before, in: request)
        if let record = record(of: action, on: request, event, note) {
            do throws(LedgerRefusal) {
                let receipt = try await ports.ledger.append(record)
                if record.type == .approvalGranted { votes.append(receipt.leafHash) }
                state.withLock { $0.marks[id] = receipt.index }
            } catch { return .refused(.notRecorded(error.code)) }
        }
        do throws(StoreFailure) {
            let isFirst = try await store(change, of: before, body: stored(request, votes: votes))
            // If the store kept an earlier change but reported a failure, its row differs from memory.
            guard isFirst else { return await unstored(action, request, event) }
        } catch { return await unstored(action, request, event) }
        hold(action, request, votes, event)
        return action
    }

    /// Returns false if the person votes as a delegate and no delegation of any of the seats is in force now.
    private func holdsSeat(_ person: Pseudonym, in id: ApprovalID) -> Bool {
        guard let request = self[id],
            let voter = request.voters.first(where: { $0.pseudonym == person }),
            voter.seat == .delegate
        else { return true }
        guard let book = ports.people.book else { return false }
        let (group, now) = (request.decision.group, ports.clock.wall)
        return voter.delegators.contains {
            book.delegation(of: $0.pseudonym, in: group, at: now)?.to == person
        }
    }

    /// Makes one change of a stored request, and returns whether it was made; false if another writer was first. The
    /// caller must be inside the gate of the request.
    ///
    /// After an error the row is as before or has the change, so the next change first asks for its version. This
    /// process alone changes its requests. A node that shares its store must read and verify the whole row instead.
    func store(
        _ change: ApprovalChange, of before: ApprovalRequest, body: JSONValue
    ) async throws(StoreFailure) -> Bool {
        var version = state.withLock { $0.versions.removeValue(forKey: before.id) }
        if version == nil { version = try await ports.store.version(of: before.id) }
        guard let version else { return false }
        let written = try await ports.store.write(
            change, to: ApprovalRow(id: before.id, revision: before.revision, version: version),
            body: body)
        let isDone = written == .done
        if change.result?.isFinal != true {
            state.withLock { $0.versions[before.id] = isDone ? version + 1 : version }
        }
        return isDone
    }

    /// Returns the leaf hashes of the votes that still count, in the order in which they were cast.
    private func kept(of before: ApprovalRequest, in now: ApprovalRequest) -> [Digest] {
        let hashes = state.withLock { $0.votes[before.id] ?? [] }
        if before.consent != nil { return hashes }
        let counted = Set(now.votes.map(\.approver))
        return zip(before.votes, hashes).filter { counted.contains($0.0.approver) }.map(\.1)
    }

    private func hold(
        _ action: ApprovalAction, _ request: ApprovalRequest, _ votes: [Digest],
        _ event: ApprovalEvent
    ) {
        state.withLock { $0.votes[request.id] = votes }
        alert(action, request)
        figures.note(action, event, of: request, at: ports.clock.wall)
        remember(action, event, of: request)
        show(request)
        if let kind = ApprovalNotification.Kind(action, event) { ports.topics(kind, request) }
    }

    /// Raises the alerts of a change, after it is on record.
    private func alert(_ action: ApprovalAction, _ request: ApprovalRequest) {
        switch action {
        case .counted, .granted: noteBreakGlassVotes(of: request)
        case .denied: ports.alarm("approval.rejected", request.id.text)
        case .escalated: ports.alarm("approval.escalated", request.id.text)
        case .void(.quorumUnreachable): ports.alarm("approval.unreachable", request.id.text)
        default: break
        }
    }

    /// Handles a change that is in the log but not in the store. An end holds nevertheless, and so does a change of
    /// voters, which follows from policy and time; the next start repairs the store. A vote is not counted. A revision
    /// that is on record but not stored cannot be shown, so the request ends.
    private func unstored(
        _ action: ApprovalAction, _ request: ApprovalRequest, _ event: ApprovalEvent
    ) async -> ApprovalAction {
        ports.alarm("approval.store_failed", request.id.text)
        if request.state.isFinal || action.isOfItself {
            hold(action, request, self[request.id].map { kept(of: $0, in: request) } ?? [], event)
            return action
        }
        if case .reissued = action { _ = await changeInside(request.id, .void(.restart)) }
        return .refused(.notRecorded("store"))
    }

    /// Makes the request visible, and resumes the calls that wait for its decision.
    func show(_ request: ApprovalRequest) {
        let waiters = state.withLock { state -> [ApprovalWaiter] in
            state.table.put(request)
            if request.state.isFinal || request.votes.isEmpty && request.consent == nil {
                state.votes[request.id] = nil
            }
            if request.state.isFinal {
                state.marks[request.id] = nil
                state.prompted[request.id] = nil
                // The row of a used request changes once more (`use`).
                if request.state != .used { state.versions[request.id] = nil }
            }
            guard request.state != .pending else { return [] }
            return state.waiters.removeValue(forKey: request.id) ?? []
        }
        for waiter in waiters { waiter.resume(request) }
        topics.tell()
    }

    private func record(
        of action: ApprovalAction, on request: ApprovalRequest, _ event: ApprovalEvent,
        _ note: String?
    ) -> RecordDraft? {
        switch action {
        // `changeProbe` records the result of a probe.
        case .none, .refused, .probed: return nil
        // The voters follow from the policy, whose change is on record, and from the time.
        case .shrunk, .escalated: return nil
        case .counted(let have, _): return voted(.approvalGranted, request, event, i: have)
        case .granted:
            return consented(request)
                ?? voted(.approvalGranted, request, event, i: request.votes.count)
        case .denied:
            if case .object(let objection) = event { return objected(objection, request) }
            return voted(.approvalDenied, request, event, i: nil, note)
        case .expired(let cause): return ended(.approvalExpired, request, cause)
        case .withdrawn(let cause): return ended(.approvalWithdrawn, request, cause)
        case .void(let cause):
            if case .object(let objection) = event {
                return takenBack(request, cause, objection)
            }
            guard case .vote(let vote) = event else { return ended(.approvalVoid, request, cause) }
            return takenBack(request, cause, by: vote, note)
        case .reissued:
            return draft(
                .approvalReissued, request, formFields(of: request),
                [("bind", request.review.bytes)], salt: request.salt)
        // `use` records the use, after the store has marked the grant as used.
        case .used: return nil
        }
    }

    private func voted(
        _ type: RecordType, _ request: ApprovalRequest, _ event: ApprovalEvent, i: Int?,
        _ note: String? = nil
    ) -> RecordDraft? {
        guard case .vote(let vote) = event else { return nil }
        var fields: JSONObject = [
            "by": .string(vote.approver.text), "via": .string(vote.proof.via),
            "bindc": .string(request.bind.base64), "need": .integer(Int64(request.decision.quorum)),
        ]
        fields["i"] = i.map { .integer(Int64($0)) }
        if type == .approvalGranted {
            fields["seats"] = seats(of: vote, request)
            fields.name(ports.node.reference)
        }
        if request.revision > 1 { fields["rev"] = .integer(Int64(request.revision)) }
        return draft(type, request, fields, payloads(of: vote, note))
    }

    /// Returns the members in whose place the vote counts, or nil for a vote in the person's own.
    private func seats(of vote: VerifiedVote, _ request: ApprovalRequest) -> JSONValue? {
        guard let voter = request.voters.first(where: { $0.pseudonym == vote.approver }),
            voter.seat == .delegate
        else { return nil }
        return .array(voter.delegators.map { .string($0.pseudonym.text) })
    }

    /// Returns the record of a client's consent, which is no person's vote, so it names no person.
    private func consented(_ request: ApprovalRequest) -> RecordDraft? {
        guard let consent = request.consent else { return nil }
        var fields: JSONObject = [
            "via": "client", "bindc": .string(request.bind.base64), "need": 1, "i": 1,
        ]
        if request.revision > 1 { fields["rev"] = .integer(Int64(request.revision)) }
        return draft(.approvalGranted, request, fields, [("proof", consent.proof(of: request))])
    }

    func ended(
        _ type: RecordType, _ request: ApprovalRequest, _ cause: ApprovalCause
    ) -> RecordDraft { draft(type, request, ["code": .string(cause.code)], []) }

    private func payloads(
        of vote: VerifiedVote, _ note: String?
    ) -> [(field: String, plaintext: [UInt8])] {
        [("proof", vote.evidence.bytes)] + (note.map { [("note", Array($0.utf8))] } ?? [])
    }

    /// Returns the record of a grant that a person revoked, with that person's signature.
    private func takenBack(
        _ request: ApprovalRequest, _ cause: ApprovalCause, by vote: VerifiedVote, _ note: String?
    ) -> RecordDraft {
        draft(
            .approvalVoid, request,
            [
                "code": .string(cause.code), "by": .string(vote.approver.text),
                "via": .string(vote.proof.via),
            ], payloads(of: vote, note))
    }

    func draft(
        _ type: RecordType, _ request: ApprovalRequest, _ fields: JSONObject,
        _ payloads: [(field: String, plaintext: [UInt8])], salt: [UInt8]? = nil
    ) -> RecordDraft {
        var fields = fields
        fields["appr"] = .string(request.id.text)
        fields["call"] = .string(request.call.text)
        let call = request.review.call
        // The chain of a run is in the log of the node that serves it.
        let isElsewhere =
            [.approvalGranted, .approvalViewed].contains(type)
            && ports.placement?.serves(call.run) == false
        return ports.records.record(
            type,
            run: isElsewhere
                ? nil : RunContext(run: call.run, agent: call.agent, subject: call.subject),
            fields: fields, sealing: payloads, salt: salt)
    }
}

extension ApprovalCause {
    /// The code in records.
    var code: String { "approval." + rawValue.hyphensAsUnderscores }
}

extension ApprovalEvent {
    /// The person who approves, or nil if the event is no approval.
    fileprivate var approver: Pseudonym? {
        guard case .vote(let vote) = self, vote.statement.verdict == .approve else { return nil }
        return vote.approver
    }
}

extension ApprovalChange {
    /// The change of the stored request. Is nil for a use, which `use` stores before it is recorded, and for what
    /// changes no stored request.
    fileprivate init?(_ action: ApprovalAction) {
        switch action {
        case .counted: self = .vote(isLast: false)
        case .granted: self = .vote(isLast: true)
        case .denied: self = .end(.denied)
        case .expired: self = .end(.expired)
        case .withdrawn: self = .end(.withdrawn)
        case .void: self = .end(.void)
        case .reissued: self = .reissue
        case .shrunk, .escalated: self = .revise
        case .none, .refused, .used, .probed: return nil
        }
    }
}

extension ApprovalAction {
    /// True if the change follows from policy and time, so that it has no record of its own.
    fileprivate var isOfItself: Bool {
        switch self {
        case .shrunk, .escalated: true
        default: false
        }
    }
}

extension ApprovalNotification.Kind {
    /// The notification of a change, or nil if people are not notified of it.
    init?(_ action: ApprovalAction, _ event: ApprovalEvent) {
        switch action {
        case .granted: self = .approved
        case .denied: self = .denied
        case .expired: self = .expired
        case .withdrawn: self = .withdrawn
        case .void: self = .void
        case .escalated: self = .escalated
        case .reissued:
            if case .breakGlass = event { self = .brokenGlass } else { self = .reissued }
        // The use of a grant needs no notification, because its approval had one.
        case .none, .refused, .counted, .shrunk, .used, .probed: return nil
        }
    }
}
