package import InterlockCluster
package import InterlockJSON
package import InterlockModel

/// Requests for approval, votes and uses of grants (docs/specs/cluster.md, section 3).
extension ClusterStore {
    /// Stores a new request and takes the units of its call: all of them, or the request is refused (`closed`).
    package func ask(
        _ draft: RequestDraft, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> [UnitLeaseID: UnitGrant] {
        let row = try await value(
            .ask,
            [
                .integer(incarnation),
                .text(draft.request.text),
                .text(draft.agent.text),
                .text(draft.run.text),
                .integer(draft.uses),
                .time(draft.ends),
                .bytes(draft.body),
                .text(try requests(draft.takes, in: incarnation)),
            ])
        let grants = try Self.grants(row, of: draft.takes)
        guard draft.takes.allSatisfy({ grants[$0.id]?.units == $0.want }) else {
            throw row.fault(row.function, "all units of the request were expected")
        }
        return grants
    }

    /// Replaces the body of a request.
    ///
    /// - Parameter isAnew: true for another review, whose votes begin anew; false for another list of its voters.
    package func revise(
        _ request: RequestVersion, isAnew: Bool, ends: Timestamp, body: [UInt8],
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> RequestVersion {
        let version = try await next(
            .revise, request,
            [
                .integer(incarnation),
                .text(request.request.text),
                .integer(request.revision),
                .integer(request.version),
                .flag(isAnew),
                .time(ends),
                .bytes(body),
            ])
        return RequestVersion(
            request.request, revision: request.revision + (isAnew ? 1 : 0), version: version)
    }

    /// Stores a vote that this node has verified, with all votes before it.
    package func vote(
        _ vote: StoredVote, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> RequestVersion {
        let status = vote.isLast ? RequestStatus.approved : .pending
        let version = try await next(
            .vote, vote.of,
            [
                .integer(incarnation),
                .text(vote.of.request.text),
                .integer(vote.of.revision),
                .integer(vote.of.version),
                .text(status.rawValue),
                .text(vote.person.text),
                .text(vote.nonce.nonce.text),
                .time(vote.nonce.ends),
                .text(vote.attempt.text),
                .bytes(vote.proof),
                .text(vote.origin.text),
                .integer(vote.leaf),
            ])
        return RequestVersion(vote.of.request, revision: vote.of.revision, version: version)
    }

    /// Ends a request without a use, and returns the number of the entry.
    package func finish(
        _ request: RequestVersion, _ end: RequestEnd, _ draft: EntryDraft,
        in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> Int64 {
        try check(draft)
        guard draft.kind == .narrowing(.end), sameBytes(draft.subject, request.request.text) else {
            throw .unfit("an entry that does not end the request")
        }
        return try await integer(
            .finish, StoreLimits.numbers,
            [
                .integer(incarnation),
                .text(request.request.text),
                .integer(request.revision),
                .integer(request.version),
                .text(end.rawValue),
                .bytes(draft.body),
            ])
    }

    /// Uses a grant: of all nodes that try, one gets an answer, and all others `closed`. The call may be sent once the
    /// entries are applied and `GatedUse` clears it.
    ///
    /// - Parameters:
    ///   - draft: the entry of `use`.
    ///   - known: the number of the newest entry that this node has.
    package func use(
        _ request: RequestVersion, _ use: GrantUse, _ draft: EntryDraft, nonce: SpentNonce,
        known: Int64, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) -> UseAnswer {
        try check(draft)
        guard draft.kind == .narrowing(.use), use.request == request.request,
            sameBytes(draft.subject, use.subject)
        else { throw .unfit("an entry that is not the use") }
        let rows = try await rows(
            .use,
            [
                .integer(incarnation),
                .text(request.request.text),
                .integer(request.revision),
                .integer(request.version),
                .text(nonce.nonce.text),
                .time(nonce.ends),
                .bytes(draft.body),
                .integer(known),
            ])
        let entries = try Self.entries(rows, of: StoreFunction.use.rawValue)
        let own = entries.first { $0.body == draft.body }
        if let own, !sameBytes(own.subject, use.subject) {
            throw .unreadable(
                StoreRowFault(
                    function: StoreFunction.use.rawValue, column: "subject",
                    reason: "the use of another number was expected"))
        }
        return UseAnswer(
            entries: entries,
            entry: own.flatMap { entry in
                entry.digest.map { ChainHead(number: entry.number, digest: $0) }
            })
    }

    /// Consumes a nonce; `closed` if it was consumed by another attempt.
    ///
    /// - Parameter attempt: as for `StoredVote`, whose vote may come with the same nonce and attempt.
    package func consume(
        _ nonce: SpentNonce, attempt: ExactText, in incarnation: Incarnation
    ) async throws(ClusterCallFailure) {
        try await nothing(
            .nonce,
            [
                .integer(incarnation),
                .text(nonce.nonce.text),
                .time(nonce.ends),
                .text(attempt.text),
            ])
    }

    /// Calls a function that returns the next version of a request.
    private func next(
        _ function: StoreFunction, _ request: RequestVersion, _ values: [StoreValue]
    ) async throws(ClusterCallFailure) -> Int64 {
        guard StoreLimits.versions.contains(request.version),
            StoreLimits.versions.contains(request.revision)
        else { throw .unfit("version \(request.version) of a request") }
        let expected = request.version + 1
        return try await integer(function, expected...expected, values)
    }
}
