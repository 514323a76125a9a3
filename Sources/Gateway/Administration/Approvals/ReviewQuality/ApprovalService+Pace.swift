package import InterlockApprovals
import InterlockEvidence
package import InterlockModel
import InterlockPorts
import Synchronization

/// The history of each person's decisions, and the countermeasures that follow from it.
extension ApprovalService {
    /// Starts reading earlier decisions from the log; votes wait until that has ended. Must be called once, before the
    /// first vote.
    package func beginReadingHistory() {
        guard let logReader = ports.reviewQuality.logReader else { return }
        state.withLock { $0.history = nil }
        let reading = Task {
            let since = self.ports.clock.wall - ApproverMetrics.window
            do throws(StoreFailure) {
                let history = try await logReader.history(since: since)
                self.state.withLock { state in
                    state.history = history
                    // Adds requests that were asked while the log was read, or whose records were pruned.
                    for request in state.table.open.values where !history.knows(request.id) {
                        state.history?.asked(
                            request.id, isProbe: false,
                            floor: MinimumReadingTime.time(for: request.review))
                    }
                }
            } catch { self.ports.alarm("approval.history_unread", "ledger") }
        }
        historyReading.withLock { $0 = reading }
    }

    func historyIsRead() async { await historyReading.withLock { $0 }?.value }

    /// Returns the countermeasures that now apply to this person.
    ///
    /// - Throws: `notRead` if the history is not known.
    package func measures(of person: Pseudonym) throws(ApprovalRefusal) -> Set<Countermeasure> {
        guard let history = state.withLock(\.history) else { throw .notRead }
        return measures(of: person, in: history, at: ports.clock.wall)
    }

    func measures(
        of person: Pseudonym, in history: ApprovalHistory, at now: Timestamp
    ) -> Set<Countermeasure> {
        ApproverMetrics(
            history.marks(of: person), capPerHour: ports.reviewQuality.capPerHour,
            trained: ports.people.book?.lastEnrolment(of: person), now: now
        ).measures
    }

    /// Checks that this person may approve now. It is called before an approval is signed, and again when it arrives.
    package func checkPace(of person: Pseudonym) async throws(ApprovalRefusal) {
        guard ports.reviewQuality.refuses else { return }
        await historyIsRead()
        if let exclusion = Countermeasure.objection(to: try measures(of: person)) {
            throw .notEligible(exclusion)
        }
    }

    /// Checks that a person who votes by the command line was shown the review, at tier high for the minimum reading
    /// time.
    func checkReading(
        of request: ApprovalRequest, by person: Pseudonym, at now: Timestamp
    ) async throws(ApprovalRefusal) {
        guard ports.reviewQuality.refuses, request.decision.tier == .high else { return }
        guard let history = state.withLock(\.history) else { throw .notRead }
        guard let dwell = history.dwell(request.id, of: person, at: now),
            dwell >= MinimumReadingTime.time(for: request.review)
        else { throw .tooFast }
    }

    /// Notes that the command line was given the request to show; only the first time counts and is recorded.
    package func wasShown(_ request: ApprovalRequest, to person: Pseudonym) async {
        await historyIsRead()
        let now = ports.clock.wall
        let isFirst = state.withLock { $0.history?.dwell(request.id, of: person, at: now) == nil }
        if isFirst, request.state == .pending { recordView(of: request, by: person) }
    }

    /// Returns what the person must type before approving, or nil if nothing.
    package func confirmation(of request: ApprovalRequest, by person: Pseudonym) -> Confirmation? {
        let measures = (try? measures(of: person)) ?? []
        return Confirmation(
            of: request, isSlow: ports.reviewQuality.refuses && Countermeasure.asksTyping(measures))
    }

    /// Adds a change to the history of decisions.
    func remember(_ action: ApprovalAction, _ event: ApprovalEvent, of request: ApprovalRequest) {
        let now = ports.clock.wall
        state.withLock { state in
            switch action {
            case .counted, .granted:
                guard case .vote(let vote) = event else { return }
                state.history?.decided(request.id, .approve, by: vote.approver, at: now)
            case .denied(let person): state.history?.decided(request.id, .deny, by: person, at: now)
            case .probed(let isCaught, let person):
                state.history?.decided(request.id, isCaught ? .deny : .approve, by: person, at: now)
            case .reissued:
                state.history?.asked(
                    request.id, isProbe: nil, floor: MinimumReadingTime.time(for: request.review))
            default: break
            }
        }
    }

    /// Adds a new request or probe to the history of decisions.
    func rememberAsking(_ request: ApprovalRequest, isProbe: Bool) {
        let floor = MinimumReadingTime.time(for: request.review)
        state.withLock { $0.history?.asked(request.id, isProbe: isProbe, floor: floor) }
    }

    /// Removes, once an hour, the history that is too old for any figure.
    func forgetOldHistory(at now: Timestamp) {
        state.withLock { state in
            guard state.forgot.map({ now >= $0 + .seconds(3600) }) ?? true else { return }
            state.forgot = now
            state.history?.forget(before: now - ApproverMetrics.window)
        }
    }
}

extension ApprovalService {
    /// Raises an alert if too few of the voters may approve now, so that the request waits.
    func alertHeldBack(from request: ApprovalRequest) {
        if request.voters.count - heldBack(from: request).count < request.decision.quorum {
            ports.alarm("approval.all_capped", request.id.text)
        }
    }

    /// Returns the request with the voters who are to be notified: those who may approve it now, or all of them if too
    /// few may. Lists show it to every voter, since each may deny it.
    func addressed(_ request: ApprovalRequest) -> ApprovalRequest {
        let held = heldBack(from: request)
        guard request.voters.count - held.count >= request.decision.quorum else { return request }
        var told = request
        for voter in held { _ = told.handle(.leave(voter.pseudonym), at: request.latest) }
        return told
    }

    /// Returns the voters whose approval would be refused now.
    private func heldBack(from request: ApprovalRequest) -> [Voter] {
        guard ports.reviewQuality.refuses else { return [] }
        return request.voters.filter { voter in
            guard let measures = try? measures(of: voter.pseudonym) else { return false }
            return Countermeasure.objection(to: measures) != nil
        }
    }
}
