package import InterlockApprovals
package import InterlockModel
package import InterlockPolicy
package import InterlockPorts

/// The approval operations that the pipeline of a call needs. Decisions and the verification of votes belong to
/// administration.
package protocol CallApprovals: Sendable {
    var hashing: any Hashing { get }
    /// True if a client's consent may replace one approval at tier low.
    var takesConsent: Bool { get }
    /// Is nil if no such request exists, or it ended long ago.
    subscript(id: ApprovalID) -> ApprovalRequest? { get }

    /// Joins an open request for the same call, uses its grant, or creates a request. A new request is durable in the
    /// ledger and in the store before it is visible.
    ///
    /// - Parameter shown: the template's view of the call, or nil if it was not prepared.
    func ask(
        about recorded: RecordedCall, org: String, shown: TemplateShown?
    ) async -> Result<OpenedApproval, Refusal>

    /// Waits for people's decision.
    ///
    /// - Parameter limit: the longest wait; after it the call is answered as pending, and the request stays open.
    func wait(
        for id: ApprovalID, atMost limit: Duration, cancel: CancelToken, _ exchange: any Exchange
    ) async -> WaitOutcome

    /// Returns whether a caller may be prompted now about its waiting call: once per window, however often the same
    /// call is repeated.
    func mayPrompt(about id: ApprovalID, each window: Duration) -> Bool

    /// Applies one event to one request; durable before it is visible.
    ///
    /// - Returns: the resulting action; `refused` if nothing changed.
    @discardableResult
    func change(_ id: ApprovalID, _ event: CallApprovalEvent) async -> ApprovalAction

    /// Uses a grant for the call that is about to be sent. The use is durable on success, first in the store, then in
    /// the ledger. If the process dies between the two, the grant is consumed and nothing was sent.
    ///
    /// - Returns: on a node of a cluster, the entry of the use.
    func use(_ grant: ApprovalRequest, for recorded: RecordedCall, under judged: JudgedCall) async
        -> Result<ApprovalUseEntry?, Refusal>

    /// Returns whether a vote for this grant was cast by a key that is no longer valid.
    func hasLapsedVote(_ grant: ApprovalRequest) -> Bool
    /// Returns whether a request of this run is open, so that the run's end must not be recorded yet.
    func isAwaited(_ run: RunID) -> Bool
    /// The number of open requests of each run that has one.
    var waiting: [RunID: Int] { get }

    /// Expires the requests that are due. Called every second.
    func expire() async
    /// Voids the requests about tools whose definition has changed.
    func voidDrifted(_ hasDrifted: @Sendable (ToolAddress) -> Bool) async
}

/// The events that a call applies to its own request. Votes and other decisions of people need proofs, and are accepted
/// only by the service.
package enum CallApprovalEvent: Sendable {
    /// The agent's side withdraws the request.
    case withdraw(ApprovalCause)
    /// A basis of the request changed.
    case void(ApprovalCause)
    /// The client's consent in place of one approval.
    ///
    /// - Parameter bind: `bind.c` of what the client was asked about.
    case consent(bind: Digest)
}

/// The result of asking about a call.
package enum OpenedApproval: Sendable {
    /// People have already approved this exact call.
    case granted(ApprovalRequest)
    case waiting(ApprovalID)
    /// A new request whose template has not been filled yet.
    case unprepared(TemplateSet.Entry)
}

/// The end of a call's wait for people.
package enum WaitOutcome: Sendable {
    case decided(ApprovalRequest)
    case outOfTime
    case cancelled(CancelToken.Cause)
    /// The connection closed, which in the legacy eras cancels nothing.
    case left
}

/// The refusals for a call that cannot be put to people, or whose grant is not valid.
extension Refusal {
    package static func unreviewable(_ why: String, _ reason: String = "too-large-to-review")
        -> Refusal
    {
        Refusal(
            .denied, "approval", reason, "people cannot review this call: \(why)",
            outcome: .notExecuted)
    }
    package static let storeUnavailable = Refusal(
        .denied, "approval", "store-unavailable", "requests for approval cannot be kept now",
        retryAfterMilliseconds: 1000, outcome: .notExecuted)

    package static let spent = Refusal(
        .approvalDenied, "approval", "not-granted",
        "the approval was used, has lapsed or no longer covers this call; ask again",
        outcome: .notExecuted)
}
