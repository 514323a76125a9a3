import InterlockModel

/// A verified request whose every column follows from what nodes signed: its body, its votes, and the uses and ends in the
/// chain. Votes are counted here as nodes wrote them; the signatures of people in them are for `VoteVerifier`.
///
/// INVARIANT: a request counts as approved only with as many verified votes for its revision as its body asks for, fewer
/// uses in the chain than it may have, and without an end. Kept by `CountedRequestTests`.
package struct CountedRequest: Hashable, Sendable {
    package let verified: VerifiedRow<RequestRow>
    /// The votes for its revision that count.
    package let votes: [VerifiedRow<VoteRow>]
    package let status: RequestStatus

    package var row: RequestRow { verified.row }

    /// - Parameter votes: the votes of the request that were read in the same statement as the row; those for earlier
    ///   revisions do not count.
    /// - Throws: `behind` if columns rest on entries that this node has not applied.
    package init(
        _ verified: VerifiedRow<RequestRow>, votes: [VerifiedRow<VoteRow>],
        in chain: ChainFollower
    ) throws(RowRejection) {
        let address = verified.columns.address
        let row = verified.row
        let columns = verified.columns
        func void(_ fault: RowFault) -> RowRejection { .void(VoidRow(address, fault)) }

        if let other = votes.first(where: { $0.row.request != row.request }) {
            throw void(.otherRow(other.row.address))
        }
        if let newest = votes.map(\.row.revision).max(), newest > row.revision {
            throw void(.older(row.revision, newest: newest))
        }
        let own = votes.filter { $0.row.revision == row.revision }
        let people = Int64(Set(own.map(\.row.person)).count)
        guard people == Int64(own.count), people >= row.votes else {
            throw void(.otherVotes(counted: row.votes, found: people))
        }
        let counted = own.filter { !row.dropped.contains($0.row.person) }
        guard let status = RequestStatus(rawValue: columns.status) else {
            throw void(.otherColumn("state"))
        }
        // The uses of earlier requests may have been dropped, and until that is proved a use could be hidden.
        guard chain.state.isProved else { throw .behind(chain.head.number + 1) }
        let used = chain.state.requests.count(of: row.request)
        let hasEnd = chain.state.requests.isEnded(row.request)
        if hasEnd, !status.isEnd { throw void(.ended) }
        guard columns.used >= max(used, row.used), columns.used <= row.uses else {
            throw void(.otherColumn("used"))
        }
        let (later, isOver) = row.version.addingReportingOverflow(
            people - row.votes + columns.used - row.used + (status.isEnd ? 1 : 0))
        guard !isOver, columns.version == later else { throw void(.otherColumn("ver")) }
        if !status.isEnd {
            let expected: RequestStatus =
                columns.used == row.uses
                ? .used : counted.count >= row.quorum ? .approved : .pending
            guard status == expected else { throw void(.otherColumn("state")) }
        }
        guard counted.count >= row.quorum || columns.used == row.used else {
            throw void(.otherColumn("used"))
        }
        guard columns.used == used, status.isEnd == hasEnd else {
            throw .behind(chain.head.number + 1)
        }
        self.verified = verified
        self.votes = counted
        self.status = status
    }
}
