package import InterlockModel

/// The requests of one gateway by what they are about: finds the one that a repeated call joins or the
/// grant that it uses, and remembers what was refused in a run.
package struct ApprovalTable: Sendable {
    package struct Limits: Sendable {
        package var pendingOfAgent: Int
        package var pending: Int
        /// How often a call may be asked about when nobody answers.
        package var asks: Int
        /// Ended requests that can still be shown.
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
        /// Ask people.
        case ask
        /// The same call waits already.
        case join(ApprovalID)
        /// The same call was approved and not yet sent.
        case grant(ApprovalID)
        case refuse(Refusal)
    }

    private struct Question: Hashable, Sendable {
        let run: RunID
        let digest: Digest
    }
    private enum Past: Sendable {
        case denied
        case unanswered(Int)
    }

    private static let rememberedRuns = 10_000

    package let limits: Limits
    /// Not final.
    package private(set) var open: [ApprovalID: ApprovalRequest] = [:]
    private var byQuestion: [Question: ApprovalID] = [:]
    private var pendingByAgent: [AgentName: Int] = [:]
    /// Per run, so that the end of a run forgets all of it.
    private var past: [RunID: [Digest: Past]] = [:]
    /// Those of the final ones that can still be shown.
    package private(set) var ended: [ApprovalID: ApprovalRequest] = [:]
    private var endedOrder: [ApprovalID] = []

    package init(limits: Limits = Limits()) { self.limits = limits }

    package var pendingCount: Int { pendingByAgent.values.reduce(0, +) }

    /// A live request, or one of those that ended last.
    package subscript(id: ApprovalID) -> ApprovalRequest? { open[id] ?? ended[id] }

    /// The live request about this call, when its time is over: it is to be ended before `answer`.
    package func due(_ digest: Digest, run: RunID, now: Timestamp) -> ApprovalID? {
        guard let id = byQuestion[Question(run: run, digest: digest)], let request = open[id],
            now >= (request.grantEnds ?? request.expires)
        else { return nil }
        return id
    }

    /// What to do with a call for which the policy wants people. Expire what is due before asking.
    package func answer(to digest: Digest, run: RunID, agent: AgentName) -> Answer {
        if let id = byQuestion[Question(run: run, digest: digest)], let request = open[id] {
            return request.state == .approved ? .grant(id) : .join(id)
        }
        switch past[run]?[digest] {
        case .denied:
            return .refuse(
                Refusal(
                    .approvalDenied, "approval", "denied",
                    "a person has denied this call in this run", outcome: .notExecuted))
        case .unanswered(let times) where times >= limits.asks:
            return .refuse(
                Refusal(
                    .approvalDenied, "approval", "expired",
                    "nobody answered this question \(times) times, it is not asked again",
                    outcome: .notExecuted))
        case .unanswered, nil: break
        }
        guard pendingByAgent[agent, default: 0] < limits.pendingOfAgent,
            pendingCount < limits.pending
        else {
            return .refuse(
                Refusal(
                    .limited, "approval", "too-many-pending",
                    "too many calls wait for approval already", retryAfterMilliseconds: 60_000,
                    outcome: .notExecuted))
        }
        return .ask
    }

    /// Puts in a new request, or the new value of one that is there.
    package mutating func put(_ request: ApprovalRequest) {
        take(request.id)
        guard !request.state.isFinal else { return close(request) }
        open[request.id] = request
        byQuestion[question(of: request)] = request.id
        if request.state == .pending { pendingByAgent[request.review.call.agent, default: 0] += 1 }
    }

    /// Forgets what was refused in a run that has ended.
    package mutating func forget(run: RunID) { past[run] = nil }

    private mutating func take(_ id: ApprovalID) {
        guard let old = open.removeValue(forKey: id) else { return }
        byQuestion[question(of: old)] = nil
        guard old.state == .pending else { return }
        let agent = old.review.call.agent
        let left = pendingByAgent[agent, default: 1] - 1
        pendingByAgent[agent] = left > 0 ? left : nil
    }

    private mutating func close(_ request: ApprovalRequest) {
        // Seen before: what it means for the run was counted then.
        guard ended.updateValue(request, forKey: request.id) == nil else { return }
        endedOrder.append(request.id)
        if endedOrder.count > limits.shownEnded { ended[endedOrder.removeFirst()] = nil }
        guard let refused = RefusedQuestion(request) else { return }
        remember(refused)
    }

    /// Puts in what had ended before this process, to be shown again; as far as there is room beside what ended since.
    ///
    /// - Parameter requests: newest first; of those that are not final, or here already, nothing changes.
    package mutating func recall(_ requests: [ApprovalRequest]) {
        let fresh = requests.filter { $0.state.isFinal && self[$0.id] == nil }
            .prefix(max(0, limits.shownEnded - endedOrder.count))
        for request in fresh { ended[request.id] = request }
        endedOrder.insert(contentsOf: fresh.reversed().map(\.id), at: 0)
    }

    /// Counts what a call was answered in its run: after a start, also what ended before it.
    package mutating func remember(_ refused: RefusedQuestion) {
        let (run, digest) = (refused.run, refused.digest)
        // Of a run that is forgotten people may be asked once more; nothing is allowed by it.
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
