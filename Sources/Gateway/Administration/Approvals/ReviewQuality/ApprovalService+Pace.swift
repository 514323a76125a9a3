package import InterlockApprovals
package import InterlockModel
import InterlockPorts
import Synchronization

/// What is known of how each person decides, and what follows from it.
extension ApprovalService {
    /// Begins to read from the log what was decided before; votes wait until it has been read. Called once, before
    /// anybody can vote.
    package func beginReadingHistory() {
        guard let trail = ports.vigilance.trail else { return }
        state.withLock { $0.history = nil }
        let reading = Task {
            let since = self.ports.clock.wall - ApproverMetrics.window
            do throws(StoreFailure) {
                let history = try await trail.history(since: since)
                self.state.withLock { state in
                    state.history = history
                    // What was asked while the log was read, or stands in a part of it that was pruned.
                    for request in state.table.open.values where !history.knows(request.id) {
                        state.history?.asked(
                            request.id, isProbe: false,
                            floor: MinimumReadingTime.time(for: request.review))
                    }
                }
            } catch {
                self.ports.alarm("approval.history_unread", "ledger")
            }
        }
        historyReading.withLock { $0 = reading }
    }

    func historyIsRead() async { await historyReading.withLock { $0 }?.value }

    /// What is to be done about the way in which this person decides, now.
    ///
    /// - Throws: `notRead` where nobody knows.
    package func measures(
        of person: Pseudonym
    ) throws(ApprovalRefusal) -> Set<Countermeasure> {
        guard let history = state.withLock(\.history) else { throw .notRead }
        return measures(of: person, in: history, at: ports.clock.wall)
    }

    func measures(
        of person: Pseudonym, in history: ApprovalHistory, at now: Timestamp
    ) -> Set<Countermeasure> {
        ApproverMetrics(
            history.marks(of: person), capPerHour: ports.vigilance.capPerHour,
            trained: ports.people.book?.lastEnrolment(of: person), now: now
        ).measures
    }

    /// Whether this person may approve now, and how: what may not be counted is refused before it is signed, and
    /// again when it comes.
    package func checkPace(of person: Pseudonym) async throws(ApprovalRefusal) {
        guard ports.vigilance.refuses else { return }
        await historyIsRead()
        if let exclusion = Countermeasure.objection(to: try measures(of: person)) {
            throw .notEligible(exclusion)
        }
    }

    /// The command line shows a review before it asks for a signature: at tier high for as long as reading takes.
    func checkReading(
        of request: ApprovalRequest, by person: Pseudonym, at now: Timestamp
    ) async throws(ApprovalRefusal) {
        guard ports.vigilance.refuses, request.decision.tier == .high else { return }
        guard let history = state.withLock(\.history) else { throw .notRead }
        guard let dwell = history.dwell(request.id, of: person, at: now),
            dwell >= MinimumReadingTime.time(for: request.review)
        else { throw .tooFast }
    }

    /// The command line was given the request to show; the first time counts, and is recorded.
    package func wasShown(_ request: ApprovalRequest, to person: Pseudonym) async {
        await historyIsRead()
        let now = ports.clock.wall
        let isFirst = state.withLock {
            $0.history?.dwell(request.id, of: person, at: now) == nil
        }
        if isFirst, request.state == .pending { recordView(of: request, by: person) }
    }

    /// What to type before approving.
    package func confirmation(of request: ApprovalRequest, by person: Pseudonym) -> Confirmation? {
        let measures = (try? measures(of: person)) ?? []
        return Confirmation(
            of: request, isSlow: ports.vigilance.refuses && Countermeasure.asksTyping(measures))
    }

    /// Takes a change into what is known of how people decide.
    func remember(_ action: ApprovalAction, _ event: ApprovalEvent, of request: ApprovalRequest) {
        let now = ports.clock.wall
        state.withLock { state in
            switch action {
            case .counted, .granted:
                guard case .vote(let vote) = event else { return }
                state.history?.decided(request.id, .approve, by: vote.approver, at: now)
            case .denied(let person):
                state.history?.decided(request.id, .deny, by: person, at: now)
            case .probed(let isCaught, let person):
                state.history?.decided(
                    request.id, isCaught ? .deny : .approve, by: person, at: now)
            case .reissued:
                state.history?.asked(
                    request.id, isProbe: nil, floor: MinimumReadingTime.time(for: request.review))
            default: break
            }
        }
    }

    /// A new request or probe that people are shown.
    func rememberAsking(_ request: ApprovalRequest, isProbe: Bool) {
        let floor = MinimumReadingTime.time(for: request.review)
        state.withLock { $0.history?.asked(request.id, isProbe: isProbe, floor: floor) }
    }

    /// Once an hour, what is too old for any figure goes.
    func forgetOldHistory(at now: Timestamp) {
        state.withLock { state in
            guard state.forgot.map({ now >= $0 + .seconds(3600) }) ?? true else { return }
            state.forgot = now
            state.history?.forget(before: now - ApproverMetrics.window)
        }
    }
}

extension ApprovalService {
    /// When too few of those who are asked may approve for now, the request waits, and somebody is told.
    func alertHeldBack(from request: ApprovalRequest) {
        if request.voters.count - heldBack(from: request).count < request.decision.quorum {
            ports.alarm("approval.all_capped", request.id.text)
        }
    }

    /// The request as messages are addressed: to whoever may approve it now, and to all where too few may. In the
    /// lists everybody has it, since everybody may deny it.
    func addressed(_ request: ApprovalRequest) -> ApprovalRequest {
        let held = heldBack(from: request)
        guard request.voters.count - held.count >= request.decision.quorum else { return request }
        var told = request
        for voter in held { _ = told.handle(.leave(voter.pseudonym), at: request.latest) }
        return told
    }

    /// Those whose approval would be refused now.
    private func heldBack(from request: ApprovalRequest) -> [Voter] {
        guard ports.vigilance.refuses else { return [] }
        return request.voters.filter { voter in
            guard let measures = try? measures(of: voter.pseudonym) else { return false }
            return Countermeasure.objection(to: measures) != nil
        }
    }
}
