package import InterlockApprovals
import InterlockEvidence
package import InterlockModel
package import InterlockPorts

/// Approval on a page. Enforces the reading rules by the gateway's own clock; `ApprovalService` counts the vote as it
/// counts every vote.
extension ApprovalInboxService: PasskeyVoting {
    package func opened(_ request: ApprovalRequest, by session: PersonSession) async {
        guard request.state == .pending, isVoter(session, request) else { return }
        let page = ReviewPageKey(session, request.id, revision: request.revision)
        // A page that cannot be noted counts as not opened, so that nothing can be approved on it.
        let isFirst = try? await readings.open(page, at: clock.boot)
        if isFirst == true { service.recordView(of: request, by: session.pseudonym) }
    }

    package func viewed(
        _ parts: Set<ReviewPart>, of id: ApprovalID, revision: Int, by session: PersonSession
    ) async throws(VotingRefusal) {
        _ = try await watched(session, at: id) { () async throws(VotingRefusal) in
            try await open(id, revision: revision, for: session)
        }
        let page = ReviewPageKey(session, id, revision: revision)
        do throws(StoreFailure) { try await readings.see(parts, page, at: clock.boot) } catch {
            throw .unkept
        }
    }

    package func challenge(
        _ id: ApprovalID, revision: Int, typed: String, by session: PersonSession
    ) async throws(VotingRefusal) -> VoteChallenge {
        try await watched(session, at: id) { () async throws(VotingRefusal) in
            try await issue(id, revision: revision, typed: typed, to: session)
        }
    }

    private func issue(
        _ id: ApprovalID, revision: Int, typed: String, to session: PersonSession
    ) async throws(VotingRefusal) -> VoteChallenge {
        let request = try await open(id, revision: revision, for: session)
        try await checkReading(of: request, by: session)
        await service.historyIsRead()
        if let asked = confirmation(of: request, for: session), asked.text != typed {
            throw .notConfirmed
        }
        let vote: Vote
        let statement: [UInt8]
        do throws(ApprovalRefusal) {
            try await service.checkPace(of: session.pseudonym)
            let nonce = try await service.challenge(id, for: session.pseudonym)
            guard let bytes = Base64.decodeURL(nonce) else { throw .nonceSpent }
            vote = Vote(on: request, .approve, approver: session.pseudonym, nonce: bytes)
            do throws(FormError) { statement = try vote.canonical() } catch {
                throw .malformed(error)
            }
        } catch { throw .refused(error) }
        let page = ReviewPageKey(session, id, revision: revision)
        do throws(StoreFailure) { try await statements.give(vote.nonce, to: page) } catch {
            throw .unkept
        }
        return VoteChallenge(
            statement: statement, challenge: VoteProof.challenge(statement, hashing).bytes,
            credentials: passkeys(of: session.pseudonym))
    }

    package func vote(
        _ statement: [UInt8], _ assertion: PasskeyAssertion, on id: ApprovalID,
        by session: PersonSession
    ) async throws(VotingRefusal) {
        try await watched(session, at: id) { () async throws(VotingRefusal) in
            try await count(statement, assertion, on: id, by: session)
        }
    }

    private func count(
        _ statement: [UInt8], _ assertion: PasskeyAssertion, on id: ApprovalID,
        by session: PersonSession
    ) async throws(VotingRefusal) {
        let vote: Vote
        do throws(FormError) { vote = try Vote(parsing: statement) } catch {
            throw .refused(.malformed(error))
        }
        // Rejects a statement that was issued for another request or person.
        guard vote.request == id, vote.approver == session.pseudonym, vote.verdict == .approve
        else { throw .refused(.digestMismatch) }
        let request = try await open(id, revision: vote.revision, for: session)
        try await checkReading(of: request, by: session)
        let page = ReviewPageKey(session, id, revision: vote.revision)
        let isNewest: Bool
        do throws(StoreFailure) { isNewest = try await statements.take(vote.nonce, of: page) } catch
        {
            throw .unkept
        }
        guard isNewest else { throw .refused(.nonceSpent) }
        do throws(ApprovalRefusal) {
            _ = try await service.vote(.passkey(statement: statement, assertion))
        } catch { throw .refused(error) }
        // The vote is counted, whether or not the page is forgotten.
        try? await readings.forget(page)
    }

    package func confirmation(
        of request: ApprovalRequest, for session: PersonSession
    ) -> Confirmation? { service.confirmation(of: request, by: session.pseudonym) }

    private func isVoter(_ session: PersonSession, _ request: ApprovalRequest) -> Bool {
        request.voters.contains { $0.pseudonym == session.pseudonym }
    }

    /// Returns the request if this session may decide it in this revision.
    private func open(
        _ id: ApprovalID, revision: Int, for session: PersonSession
    ) async throws(VotingRefusal) -> ApprovalRequest {
        guard let request = await request(id, for: session.person) else {
            throw .refused(.noSuchRequest)
        }
        guard isVoter(session, request) else { throw .refused(.notEligible(.notMember)) }
        guard request.state == .pending else { throw .refused(.closed(request.state)) }
        guard request.revision == revision else { throw .refused(.revisionChanged) }
        return request
    }

    private func checkReading(
        of request: ApprovalRequest, by session: PersonSession
    ) async throws(VotingRefusal) {
        let page = ReviewPageKey(session, request.id, revision: request.revision)
        let progress: ReviewProgress?
        do throws(StoreFailure) {
            progress = try await readings.progress(of: page, at: clock.boot)
        } catch { throw .unkept }
        guard let progress, progress.parts == Set(ReviewPart.allCases) else {
            throw .notFullyViewed
        }
        let floor = MinimumReadingTime.time(for: request.review)
        if progress.time < floor { throw .tooFast(left: floor - progress.time) }
    }

    private func passkeys(of holder: Pseudonym) -> [PasskeyID] {
        let now = clock.wall
        let own = people.book?.passkeys.values.filter {
            $0.holder == holder && !$0.isRevoked && !$0.isExpired(at: now)
        }
        return (own ?? []).map(\.id).sorted { $0.text < $1.text }
    }
}

extension ReviewPageKey {
    init(_ session: PersonSession, _ request: ApprovalID, revision: Int) {
        self.init(session: session.formToken, request: request, revision: revision)
    }
}

extension VotingRefusal {
    /// The record of what a page was shown or given could not be read or kept.
    fileprivate static var unkept: VotingRefusal { .refused(.notRecorded("store")) }
}
