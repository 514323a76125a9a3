package import InterlockApprovals
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// What the way of a call asks of approvals. Whoever decides, and how votes are judged, is administration's.
package protocol CallApprovals: Sendable {
    var hashing: any Hashing { get }
    /// Whether a client's word stands for one approval at tier low.
    var takesConsent: Bool { get }
    /// nil where there is no such request, or it ended long ago.
    subscript(id: ApprovalID) -> ApprovalRequest? { get }

    /// Joins an open request for the same call, uses its grant, or asks people. A new request is durable
    /// in the ledger and in the store before it can be seen.
    ///
    /// - Parameter shown: what the template says of the call; nil where that was not looked for.
    func ask(
        about recorded: RecordedCall, org: String, shown: TemplateShown?
    ) async -> Result<OpenedApproval, Refusal>

    /// Waits for people.
    ///
    /// - Parameter limit: after it the call is answered as pending; the request goes on.
    func wait(
        for id: ApprovalID, atMost limit: Duration, cancel: CancelToken, _ exchange: any Exchange
    ) async -> WaitOutcome

    /// Whether a caller may be shown now where its call waits: once in each window, however often the same
    /// call is repeated.
    func mayPrompt(about id: ApprovalID, each window: Duration) -> Bool

    /// One event for one request, written down before it is seen.
    ///
    /// - Returns: what happened; `refused` when nothing did.
    @discardableResult
    func change(_ id: ApprovalID, _ event: CallApprovalEvent) async -> ApprovalAction

    /// Uses up a grant for the call that is about to be sent. On disk when it returns success: the use,
    /// first in the store, then in the ledger. If the process dies between the two the grant is gone
    /// and nothing was sent.
    func use(
        _ grant: ApprovalRequest, for recorded: RecordedCall, under judged: JudgedCall
    ) async -> Result<Void, Refusal>

    /// Whether a vote for this grant was cast by a key that counts no longer.
    func hasLapsedVote(_ grant: ApprovalRequest) -> Bool
    /// Whether a request of this run is open, so that its end is not written yet.
    func isAwaited(_ run: RunID) -> Bool

    /// Ends what is due. Called every second.
    func expire() async
    /// Ends the requests about tools whose definition has changed.
    func voidDrifted(_ hasDrifted: @Sendable (ToolAddress) -> Bool) async
}

/// What the way of a call does to its request. Votes and whatever people do need their proofs, and come to the desk alone.
package enum CallApprovalEvent: Sendable {
    /// The agent's side gave up.
    case withdraw(ApprovalCause)
    /// The ground is gone.
    case void(ApprovalCause)
    /// A client's word in the place of one approval.
    ///
    /// - Parameter bind: `bind.c` of what the client was asked about.
    case consent(bind: Digest)
}

/// What asking about a call came to.
package enum OpenedApproval: Sendable {
    /// People have approved this very call already.
    case granted(ApprovalRequest)
    case waiting(ApprovalID)
    /// A new question, and nothing was made of the tool's template yet.
    case unprepared(TemplateSet.Entry)
}

/// How a call's wait for people ended.
package enum WaitOutcome: Sendable {
    case decided(ApprovalRequest)
    case outOfTime
    case cancelled(CancelToken.Cause)
    /// The connection went away, which in the legacy eras cancels nothing.
    case left
}
