package import InterlockApprovals
import InterlockJSON
import InterlockLedger
package import InterlockModel
import InterlockPorts
import Synchronization

extension ApprovalService {
    /// Returns a nonce for one person and one request; the signed vote must contain it.
    package func challenge(
        _ id: ApprovalID, for approver: Pseudonym
    ) async throws(ApprovalRefusal) -> String {
        guard let request = shown(id) else { throw .noSuchRequest }
        guard request.voters.contains(where: { $0.pseudonym == approver }) else {
            throw .notEligible(.notMember)
        }
        let nonce = Base64.encodeURL(ports.entropy.bytes(Vote.nonceCount))
        let now = ports.clock.wall
        do throws(StoreFailure) {
            try await ports.issued.issue(nonce, for: id, to: approver, now: now)
        } catch { throw .notRecorded("store") }
        return nonce
    }

    /// Counts a signed vote. Durable on return; after an error nothing was counted.
    package func vote(_ envelope: Envelope) async throws(ApprovalRefusal) -> ApprovalAction {
        try await vote(.key(envelope))
    }

    /// Counts a vote that was signed with a key or a passkey.
    ///
    /// - Parameter note: the reason of a person who denies or revokes, at most `Objection.longestText`; it is stored in
    ///   the record and not signed.
    package func vote(
        _ proof: VoteProof, note: String? = nil
    ) async throws(ApprovalRefusal) -> ApprovalAction {
        // A vote of a batch counts only with the whole batch, which is checked first.
        if case .batch = proof { throw .digestMismatch }
        return try await counted(proof, note: note)
    }

    func counted(
        _ proof: VoteProof, note: String?
    ) async throws(ApprovalRefusal) -> ApprovalAction {
        let action: ApprovalAction
        await historyIsRead()
        do throws(ApprovalRefusal) {
            let vote = try await verified(proof)
            action = await change(vote.statement.request, .vote(vote), note: note)
        } catch {
            // Nothing in a refused vote is trusted; it only selects an existing request for the alert.
            let claimed = try? Vote(parsing: proof.statement).request
            ports.alarm("approval.vote_refused", claimed.flatMap { shown($0) }?.id.text ?? "")
            throw error
        }
        if case .refused(let refusal) = action { throw refusal }
        return action
    }

    private func verified(_ proof: VoteProof) async throws(ApprovalRefusal) -> VerifiedVote {
        guard let judge = ports.judge else { throw .badSignature }
        let statement: Vote
        do { statement = try Vote(parsing: proof.statement) } catch { throw .malformed(error) }
        guard let request = shown(statement.request) else { throw .noSuchRequest }
        let now = ports.clock.wall
        let vote: VerifiedVote
        do throws(ApprovalRefusal) {
            vote = try judge.verify(proof, tier: request.decision.tier, at: now)
        } catch {
            if case .passkey(_, let assertion) = proof, error == .badAssertion(.counterWentBack),
                await isAsked(statement)
            {
                ports.alarm("passkey.counter_went_back", statement.approver.text)
                await ports.passkeys?.register.suspend(assertion.credential)
            }
            throw error
        }
        if !vote.isByPasskey, statement.verdict == .approve {
            try await checkReading(of: request, by: vote.approver, at: now)
        }
        try await spend(Base64.encodeURL(statement.nonce), vote, now)
        try await count(vote)
        return vote
    }

    /// Returns true if the vote's nonce is still unspent. The nonce of a vote that is sent again is spent, so such a
    /// vote suspends no passkey. Nor does one whose nonce cannot be looked up; it is refused all the same.
    private func isAsked(_ vote: Vote) async -> Bool {
        let nonce = Base64.encodeURL(vote.nonce)
        return (try? await ports.issued.has(nonce, for: vote.request, of: vote.approver)) ?? false
    }

    /// Stores the passkey's counter, durably, before its vote can count.
    private func count(_ vote: VerifiedVote) async throws(ApprovalRefusal) {
        guard case .passkey(let id) = vote.credential, let counter = vote.counter else { return }
        let isNewest: Bool
        do throws(StoreFailure) {
            isNewest = try await ports.passkeys?.register.count(id, counter) ?? false
        } catch { throw .notRecorded("store") }
        // Another assertion of the same passkey was counted first, so this one may be from a copy.
        guard isNewest else { throw .badAssertion(.counterWentBack) }
    }

    private func spend(_ nonce: String, _ vote: VerifiedVote, _ now: Timestamp)
        async throws(ApprovalRefusal)
    {
        let isFirst: Bool
        do throws(StoreFailure) {
            let expires = try await ports.issued.take(
                nonce, for: vote.statement.request, by: vote.approver, now: now)
            isFirst =
                if let expires {
                    try await ports.nonces.consume(nonce: nonce, expires: expires)
                } else { false }
        } catch { throw .notRecorded("store") }
        guard isFirst else { throw .nonceSpent }
    }

    /// Counts a person's unsigned denial. The caller must have authenticated the person. Durable on return; after an
    /// error nothing was counted.
    package func object(
        to id: ApprovalID, _ objection: Objection
    ) async throws(ApprovalRefusal) -> ApprovalAction {
        let action = await change(id, .object(objection))
        if case .refused(let refusal) = action { throw refusal }
        // A probe hides no real call that could be suspicious.
        if case .probed = action { return action }
        if objection.reason == .suspicious {
            ports.alarm("approval.suspicious", id.text)
            if let request = self[id] { ports.suspect(request) }
        }
        return action
    }

    func objected(_ objection: Objection, _ request: ApprovalRequest) -> RecordDraft {
        var fields: JSONObject = [
            "by": .string(objection.pseudonym.text), "via": .string(objection.means.rawValue),
            "bindc": .string(request.bind.base64), "need": .integer(Int64(request.decision.quorum)),
        ]
        fields["code"] = objection.reason.map {
            .string("approval." + $0.rawValue.hyphensAsUnderscores)
        }
        if request.revision > 1 { fields["rev"] = .integer(Int64(request.revision)) }
        return draft(.approvalDenied, request, fields, words(of: objection))
    }

    /// Returns the record of a grant that a person revoked without a signature.
    func takenBack(
        _ request: ApprovalRequest, _ cause: ApprovalCause, _ objection: Objection
    ) -> RecordDraft {
        draft(
            .approvalVoid, request,
            [
                "code": .string(cause.code),
                "by": .string(objection.pseudonym.text), "via": .string(objection.means.rawValue),
            ], words(of: objection))
    }

    private func words(of objection: Objection) -> [(field: String, plaintext: [UInt8])] {
        objection.text.isEmpty ? [] : [("note", Array(objection.text.utf8))]
    }

    /// Records that a person who may decide was shown the request. Does not wait until the record is durable.
    package func recordView(of request: ApprovalRequest, by viewer: Pseudonym) {
        let now = ports.clock.wall
        state.withLock { $0.history?.viewed(request.id, by: viewer, at: now) }
        ports.ledger.note(
            draft(
                .approvalViewed, request,
                ["by": .string(viewer.text), "rev": .integer(Int64(request.revision))], []))
    }
}
