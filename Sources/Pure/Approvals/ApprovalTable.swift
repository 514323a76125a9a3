package import InterlockModel

/// The requests of one gateway by run and call: finds the request that a repeated call joins or the grant that it uses,
/// and remembers the refusals in a run.
package struct ApprovalTable: Sendable {
    package struct Limits: Sendable {
        package var pendingOfAgent: Int
        package var pending: Int
        /// The number of times that the same call may be put to people without a decision.
        package var asks: Int
        /// The number of ended requests that remain visible.
        package var shownEnded: Int
        package init(
            pendingOfAgent: Int = 16, pending: Int = 10_000, asks: Int = 3, shownEnded: Int = 1000
        ) {
            self.pendingOfAgent = pendingOfAgent
            self.pending = pending
            self.asks = asks
            self.shownEnded = shownEnded
        }
    }

    package enum Answer: Sendable, Equatable {
        /// Create a request.
        case ask
        /// The same call is already pending.
        case join(ApprovalID)
        /// The same call was approved and has not been sent yet.
        case grant(ApprovalID)
        case refuse(Refusal)
    }

    /// The question that the same call of the same run asks.
    package struct Question: Hashable, Sendable {
        let run: RunID
        let digest: Digest

        package init(run: RunID, digest: Digest) {
            self.run = run
            self.digest = digest
        }
    }
    private enum Past: Sendable {
        case denied
        case unanswered(Int)
    }

    private static let rememberedRuns = 10_000

    package let limits: Limits
    /// The requests that are not final.
    package private(set) var open: [ApprovalID: ApprovalRequest] = [:]
    /// The number of requests that are not final, by the run that asks; for runs that have one.
    package private(set) var openByRun: [RunID: Int] = [:]
    private var byQuestion: [Question: ApprovalID] = [:]
    private var pendingByAgent: [AgentName: Int] = [:]
    /// The requests that are being written, and not in the table yet.
    private var reservedByAgent: [AgentName: Int] = [:]
    /// The refusals, grouped by run so that a run's end discards them.
    private var past: [RunID: [Digest: Past]] = [:]
    /// The final requests that remain visible.
    package private(set) var ended: [ApprovalID: ApprovalRequest] = [:]
    private var endedOrder: [ApprovalID] = []

    package init(limits: Limits = Limits()) { self.limits = limits }

    package var reservedCount: Int { reservedByAgent.values.reduce(0, +) }
    package var pendingCount: Int { pendingByAgent.values.reduce(0, +) }

    /// A live request, or one of the recently ended ones.
    package subscript(id: ApprovalID) -> ApprovalRequest? { open[id] ?? ended[id] }

    /// Returns the requests of the same agent for the same tool, open ones and recently ended ones, in no order.
    package func requests(like call: CanonicalCall) -> [ApprovalRequest] {
        func isLike(_ request: ApprovalRequest) -> Bool {
            request.review.call.agent == call.agent && request.review.call.address == call.address
        }
        return open.values.filter(isLike) + ended.values.filter(isLike)
    }

    /// Returns true if all requests that were made since `start` and ended are in the table.
    package func holdsEnded(since start: Timestamp) -> Bool {
        endedOrder.count < limits.shownEnded
            || endedOrder.first.flatMap { ended[$0] }.map { $0.created < start } ?? true
    }

    /// Returns the live request about this call if its deadline has passed: the caller must end it before `answer`.
    package func due(_ question: Question, now: Timestamp) -> ApprovalID? {
        guard let id = byQuestion[question], let request = open[id],
            now >= (request.grantEnds ?? request.expires)
        else { return nil }
        return id
    }

    /// Returns how to proceed with a call that needs approval. The caller must first end the request that `due`
    /// returns.
    package func answer(to question: Question, agent: AgentName) -> Answer {
        if let id = byQuestion[question], let request = open[id] {
            return request.state == .approved ? .grant(id) : .join(id)
        }
        switch past[question.run]?[question.digest] {
        case .denied:
            return .refuse(
                Refusal(
                    .approvalDenied, "approval", "denied",
                    "a person has denied this call in this run", outcome: .notExecuted))
        case .unanswered(let times) where times >= limits.asks:
            return .refuse(
                Refusal(
                    .approvalDenied, "approval", "expired",
                    "this question expired undecided \(times) times; it is not asked again",
                    outcome: .notExecuted))
        case .unanswered, nil: break
        }
        let own = pendingByAgent[agent, default: 0] + reservedByAgent[agent, default: 0]
        let all = pendingCount + reservedCount
        guard own < limits.pendingOfAgent, all < limits.pending
        else {
            return .refuse(
                Refusal(
                    .limited, "approval", "too-many-pending",
                    "too many calls wait for approval already", retryAfterMilliseconds: 60_000,
                    outcome: .notExecuted))
        }
        return .ask
    }

    /// Counts a request of this agent that is about to be written. Every `reserve` needs its `release`, when the request
    /// is in the table or could not be written.
    package mutating func reserve(_ agent: AgentName) { reservedByAgent[agent, default: 0] += 1 }

    package mutating func release(_ agent: AgentName) {
        let left = reservedByAgent[agent, default: 1] - 1
        reservedByAgent[agent] = left > 0 ? left : nil
    }

    /// Adds a request or replaces its value.
    package mutating func put(_ request: ApprovalRequest) {
        take(request.id)
        guard !request.state.isFinal else { return close(request) }
        open[request.id] = request
        byQuestion[question(of: request)] = request.id
        openByRun[request.review.call.run, default: 0] += 1
        if request.state == .pending { pendingByAgent[request.review.call.agent, default: 0] += 1 }
    }

    /// Removes the ended requests of some runs.
    package mutating func removeEnded(where isErased: (RunID) -> Bool) {
        ended = ended.filter { !isErased($0.value.review.call.run) }
        endedOrder.removeAll { ended[$0] == nil }
    }

    /// Forgets the refusals of a run that has ended.
    package mutating func forget(run: RunID) { past[run] = nil }

    private mutating func take(_ id: ApprovalID) {
        guard let old = open.removeValue(forKey: id) else { return }
        byQuestion[question(of: old)] = nil
        let run = old.review.call.run
        let others = openByRun[run, default: 1] - 1
        openByRun[run] = others > 0 ? others : nil
        guard old.state == .pending else { return }
        let agent = old.review.call.agent
        let left = pendingByAgent[agent, default: 1] - 1
        pendingByAgent[agent] = left > 0 ? left : nil
    }

    private mutating func close(_ request: ApprovalRequest) {
        // An end that is already in the table was counted for its run then.
        guard ended.updateValue(request, forKey: request.id) == nil else { return }
        endedOrder.append(request.id)
        if endedOrder.count > limits.shownEnded { ended[endedOrder.removeFirst()] = nil }
        guard let refused = RefusedQuestion(request) else { return }
        remember(refused)
    }

    /// Adds requests that ended before this process started, up to the space that requests ended since then leave.
    ///
    /// - Parameter requests: newest first; requests that are not final or already present are ignored.
    package mutating func recall(_ requests: [ApprovalRequest]) {
        let fresh = requests.filter { $0.state.isFinal && self[$0.id] == nil }
            .prefix(max(0, limits.shownEnded - endedOrder.count))
        for request in fresh { ended[request.id] = request }
        endedOrder.insert(contentsOf: fresh.reversed().map(\.id), at: 0)
    }

    /// Counts a refusal of a call in its run. After a start, the caller also passes refusals from before it.
    package mutating func remember(_ refused: RefusedQuestion) {
        let (run, digest) = (refused.run, refused.digest)
        // Evicting a run can only cause one more question to people; it permits nothing.
        if past.count >= Self.rememberedRuns, past[run] == nil { past.remove(at: past.startIndex) }
        switch refused.answer {
        case .denied: past[run, default: [:]][digest] = .denied
        case .unanswered:
            if case .unanswered(let times) = past[run]?[digest] {
                past[run]?[digest] = .unanswered(times + 1)
            } else if past[run]?[digest] == nil {
                past[run, default: [:]][digest] = .unanswered(1)
            }
        }
    }

    private func question(of request: ApprovalRequest) -> Question {
        Question(run: request.review.call.run, digest: request.callDigest)
    }
}
