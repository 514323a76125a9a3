package import InterlockCluster

/// A request and its votes as the store returned them in one statement. Nothing of them is verified.
package struct StoredRequest: Hashable, Sendable {
    package let request: StoredRow<RequestRow>
    /// The votes for all its revisions.
    package let votes: [StoredRow<VoteRow>]

    /// Verifies the rows against the entries that this node has applied. Votes for earlier revisions are passed over, since
    /// they do not count; the signatures of people in the others are not verified here.
    package func verified(
        by verifier: RowVerifier, in chain: ChainFollower
    ) throws(RowRejection) -> CountedRequest {
        let row = try verifier.verify(request, in: chain)
        var own: [VerifiedRow<VoteRow>] = []
        for vote in votes where vote.columns.revision >= request.columns.revision {
            own.append(try verifier.verify(vote, in: chain))
        }
        return try CountedRequest(row, votes: own, in: chain)
    }
}
