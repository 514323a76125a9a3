import InterlockApprovals
import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockPorts
import Synchronization

/// Changes from the body of the port to what the functions of the store take.
extension ClusterApprovalStore {
    /// Returns the change, signed and sealed, or nil if the request is in another version or state, or has other votes than
    /// the writer counted.
    func prepare(
        _ change: ApprovalChange, _ row: ApprovalRow, _ body: JSONValue
    ) async throws(StoreFailure) -> PreparedChange? {
        let chain = try applied()
        if change == .ask {
            return try made { () throws(FormError) -> PreparedChange? in
                try ask(try ApprovalBody(body), row, in: chain)
            }
        }
        guard let known = try await known(row), change.origins.contains(known.state) else {
            return nil
        }
        return try made { () throws(FormError) -> PreparedChange? in
            try self.change(change, row, known, body, in: chain)
        }
    }

    private func made(
        _ make: () throws(FormError) -> PreparedChange?
    ) throws(StoreFailure) -> PreparedChange? {
        do throws(FormError) { return try make() } catch {
            throw StoreFailure(reason: "a cluster cannot store this change: \(error)")
        }
    }

    /// The request on which a change builds; nil if it is in another version.
    private func known(_ row: ApprovalRow) async throws(StoreFailure) -> KnownRequest? {
        if let known = state.withLock({ $0.known[row.id] }), known.isAt(row) { return known }
        switch try await request(row.id) {
        case nil: return nil
        case .failure(let fault)?: throw StoreFailure(reason: fault.reason)
        case .success(let request)?:
            guard let known = KnownRequest(request), known.isAt(row) else { return nil }
            return known
        }
    }

    private func ask(
        _ body: ApprovalBody, _ row: ApprovalRow, in chain: ChainFollower
    ) throws(FormError) -> PreparedChange {
        guard body.votes.isEmpty, body.review.request == row.id, body.review.revision == 1 else {
            throw .badMember("request", "a new one")
        }
        let request = try body.row(version: 1)
        let draft = try author.draft(request, by: store.node, in: chain)
        return PreparedChange(
            call: .ask(RequestDraft(draft, takes: [])), after: KnownRequest(request))
    }

    private func change(
        _ change: ApprovalChange, _ row: ApprovalRow, _ known: KnownRequest, _ body: JSONValue,
        in chain: ChainFollower
    ) throws(FormError) -> PreparedChange? {
        let version = RequestVersion(row.id, revision: known.revision, version: known.version)
        switch change {
        case .ask, .settle: return nil
        case .vote(let isLast):
            return try vote(try part(of: body, change, row), version, known, isLast, in: chain)
        case .reissue, .revise:
            return try revise(try part(of: body, change, row), change, version, known, in: chain)
        case .end(let end):
            return PreparedChange(
                call: .end(
                    version, RequestEnd(end),
                    try author.entry(.end(row.id), by: store.node, in: chain)),
                after: nil)
        case .use, .useAgain:
            return try use(body, change, version, known, in: chain)
        }
    }

    /// - Throws: if the body is that of another request or revision than the change makes.
    private func part(
        of body: JSONValue, _ change: ApprovalChange, _ row: ApprovalRow
    ) throws(FormError) -> ApprovalBody {
        let part = try ApprovalBody(body)
        guard part.review.request == row.id,
            part.review.revision == row.revision + change.revisions
        else { throw .badMember("review", "that of the request, in its revision") }
        return part
    }

    private func vote(
        _ body: ApprovalBody, _ version: RequestVersion, _ known: KnownRequest, _ isLast: Bool,
        in chain: ChainFollower
    ) throws(FormError) -> PreparedChange? {
        guard let vote = body.votes.last, let content = body.newest else {
            throw .badMember("votes", "with the new one")
        }
        let before = Set(body.votes.dropLast().map(\.approver))
        guard before == known.voters, !before.contains(vote.approver) else { return nil }
        var after = known
        after.voters.insert(vote.approver)
        after.version += 1
        after.isApproved = Int64(after.voters.count) >= known.quorum
        guard isLast == after.isApproved else {
            throw .badMember("votes", "as many as the request needs")
        }
        let nonce = ExactText(Base64.encodeURL(vote.nonce))
        guard let consumed = state.withLock({ $0.nonces[nonce] }) else {
            throw .badMember("nonce", "consumed by this process before the vote")
        }
        let row = VoteRow(
            version.request, revision: known.revision, person: vote.approver, origin: origin,
            leaf: body.mark, content: content)
        let draft = try author.draft(row, by: store.node, in: chain)
        return PreparedChange(
            call: .vote(
                StoredVote(
                    draft, version: known.version, isLast: isLast, nonce: consumed.spent,
                    attempt: consumed.attempt)),
            after: after)
    }

    /// Another review, or another list of voters; votes can be dropped, and none can come.
    private func revise(
        _ body: ApprovalBody, _ change: ApprovalChange, _ version: RequestVersion,
        _ known: KnownRequest, in chain: ChainFollower
    ) throws(FormError) -> PreparedChange? {
        let isAnew = change == .reissue
        let voters = Set(body.votes.map(\.approver))
        let row: RequestRow
        if isAnew {
            guard voters.isEmpty else { throw .badMember("votes", "absent from another review") }
            row = try body.row(version: known.version + 1)
        } else {
            guard voters.isSubset(of: known.voters) else { return nil }
            let dropped = known.dropped.union(known.voters.subtracting(voters))
            row = try body.row(
                version: known.version + 1, votes: voters.count + dropped.count, dropped: dropped,
                used: known.used)
            guard row.quorum == known.quorum,
                known.isApproved == (Int64(voters.count) >= known.quorum)
            else { throw .badMember("votes", "as many as before the change needed") }
        }
        let draft = try author.draft(row, by: store.node, in: chain)
        var after = KnownRequest(row, voters: voters)
        after.origins = known.origins
        return PreparedChange(
            call: .revise(version, isAnew: isAnew, ends: row.ends, body: draft.body), after: after)
    }

    private func use(
        _ body: JSONValue, _ change: ApprovalChange, _ version: RequestVersion,
        _ known: KnownRequest, in chain: ChainFollower
    ) throws(FormError) -> PreparedChange {
        guard let use = ApprovalUse(of: body),
            let ends = body["request"]?["grant_ends"]?.integer
        else { throw .badMember(ApprovalUse.member, "the call and its intent") }
        let grant = GrantUse(
            request: version.request, number: known.used + 1, call: use.call, intent: use.intent)
        let isLast = grant.number == known.uses
        guard isLast == (change == .use) else {
            throw .badMember("used", "as often as the request may be")
        }
        var after = known
        after.used += 1
        after.version += 1
        return PreparedChange(
            call: .use(
                version, grant, try author.entry(.use(grant), by: store.node, in: chain),
                SpentNonce(
                    ExactText("use/\(grant.subject)"), ends: Timestamp(microseconds: ends))),
            after: isLast ? nil : after, origins: known.origins)
    }
}

extension RequestEnd {
    fileprivate init(_ end: ApprovalEnd) {
        switch end {
        case .denied: self = .denied
        case .expired: self = .expired
        case .withdrawn: self = .withdrawn
        case .void: self = .void
        }
    }
}
