import InterlockAdministration
import InterlockEvidence
import InterlockReview
import InterlockReviewCommands
import InterlockReviews

/// Compares scopes with their use, from this node's own log and the policy on disk, which is the one that a patch edits.
struct LogReviewUse: ReviewUseReader {
    let node: NodeEvidence
    /// The file or folder of the policy.
    let policy: String

    func use(in sample: ReviewSample) async throws(Problem) -> ReviewUse {
        let policy = policy
        do throws(EvidenceRefusal) {
            return try await node.simulation { log, isGoing in
                try ScopeComparison(
                    sample, policy: policy, in: log, while: isGoing,
                    earlier: { try PolicyUse($0, from: $1, until: $2).policies }
                ).use
            }
        } catch { throw Problem(.notRead, "scopes cannot be compared with their use: \(error)") }
    }
}
