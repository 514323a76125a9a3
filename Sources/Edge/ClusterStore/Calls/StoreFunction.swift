/// The functions of the store that a node may call (docs/specs/cluster.md, section 3). Each may be repeated with the same
/// arguments: ids are chosen by the caller.
package enum StoreFunction: String, Sendable, CaseIterable {
    // Members, tasks and the chain.
    case start, heartbeat, record, member, expel
    case takeTask = "task_take"
    case keepTask = "task_keep"
    case openGeneration = "open_generation"
    case closeGeneration = "close_generation"
    case repair, recover
    // Requests for approval.
    case ask, revise, vote, finish, use, nonce
    // Runs and limits.
    case claim
    case changeRun = "run_change"
    case putBackRun = "run_put_back"
    case endRun = "run_end"
    case take, report
    case putBack = "put_back"
    case restored, settle
    // People.
    case wait, sign, complete, withdraw, counter, challenge
    case takeChallenge = "challenge_take"
    case session
    case endSession = "session_end"
    case view
    // Notifications and what is kept for pages.
    case post
    case claimPosts = "post_claim"
    case endPost = "post_done"
    case put, drop
    // Partitions and rows that are old.
    case roll, prune

    /// One statement: `SELECT * FROM il_v1.use($1, $2, ...)`.
    func statement(values count: Int) -> String {
        let places = count == 0 ? "" : (1...count).map { "$\($0)" }.joined(separator: ", ")
        return "SELECT * FROM il_v\(ClusterSchema.version).\(rawValue)(\(places))"
    }
}
