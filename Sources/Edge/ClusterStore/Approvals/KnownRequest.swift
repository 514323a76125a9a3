import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockPorts

/// An open request as this node has verified or written it last. A change that builds on it names its version, so the
/// store refuses the change if the request has changed since.
struct KnownRequest {
    let revision: Int64
    var version: Int64
    var isApproved: Bool
    let uses: Int64
    var used: Int64
    let quorum: Int64
    /// The people whose votes for the revision count.
    var voters: Set<Pseudonym>
    /// The people whose votes for the revision were dropped.
    let dropped: Set<Pseudonym>
    /// The logs that have the records of votes, by the leaf hashes of these; without votes that this process has written.
    var origins: [Digest: ExactText] = [:]

    /// A request as its row was written.
    init(_ row: RequestRow, voters: Set<Pseudonym> = []) {
        revision = row.revision
        version = row.version
        uses = row.uses
        used = row.used
        quorum = row.quorum
        dropped = row.dropped
        self.voters = voters
        isApproved = Int64(voters.count) >= row.quorum
    }

    /// - Returns: nil if the request is in a final state.
    init?(_ request: CountedRequest) {
        guard request.status == .pending || request.status == .approved else { return nil }
        self.init(request.row, voters: Set(request.votes.map(\.row.person)))
        for vote in request.votes.map(\.row) {
            guard let hash = vote.content["hash"]?.string.flatMap({ Digest(base64: $0) }) else {
                continue
            }
            origins[hash] = vote.origin
        }
        version = request.verified.columns.version
        used = request.verified.columns.used
        isApproved = request.status == .approved
    }

    var state: ApprovalRowState { isApproved ? .approved : .pending }

    func isAt(_ row: ApprovalRow) -> Bool {
        revision == Int64(row.revision) && version == Int64(row.version)
    }
}
