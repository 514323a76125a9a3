import InterlockAdministration

/// The refusals of a node of a cluster: changes that it would keep for itself while other nodes decide without them.
extension Operation {
    /// The changes that a node of a cluster makes: they reach all nodes, or are of this node alone (its log, its witnesses,
    /// its sign-ins at servers, its drills).
    private static let shared = [
        "endOtherSessions", "viewApproval", "challengeApproval", "voteApproval", "denyApproval",
        "revokeApproval", "beginVote", "voteByKey", "voteByKeyInBatch", "halt", "haltOffline",
        "release", "confirmRelease", "draftHalt", "draftRelease", "draftConfirmation",
        "startDrill", "draftDrillSignOff", "signDrillReport", "runDrill", "signDrill",
        "runSelfTest", "issueToken", "recordExport", "erase", "beginSignIn", "finishSignIn",
        "forgetSignIn", "addWitness", "removeWitness", "testChannels", "replayRun",
        "disposeAlert", "checkOutcome", "simulateProposedPolicy", "getWorstCaseChanges",
        "recordMergeCheck", "readMergeFacts", "findWrittenContents",
    ]

    /// - Throws: `notShared` for a change that other nodes would not learn of.
    func check(on services: OperationServices) throws(Problem) {
        guard services.isOfCluster, method == .post, !Self.shared.contains(name) else { return }
        throw Problem(
            .notShared,
            "`\(name)` would change what this node alone decides by: this version of a cluster has no entry for it"
        )
    }
}
