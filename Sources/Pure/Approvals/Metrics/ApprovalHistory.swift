package import InterlockModel

/// Who decided what, in the order of the log: of it the figures of each person are made.
package struct ApprovalHistory: Sendable {
    private struct Question {
        var isProbe: Bool
        var floor: Duration
        /// When each person was first shown what is shown now.
        var viewed: [Pseudonym: Timestamp] = [:]
        var verdicts: [Pseudonym: Vote.Verdict] = [:]
    }
    private var questions: [ApprovalID: Question] = [:]
    private var decisions: [Pseudonym: [(request: ApprovalID, mark: DecisionSample)]] = [:]

    private var enrolments: [Pseudonym: Timestamp] = [:]

    package init() {}

    /// When this person was enrolled last, as far as the log says.
    package func lastEnrolment(of person: Pseudonym) -> Timestamp? { enrolments[person] }

    package mutating func enrolled(_ person: Pseudonym, at: Timestamp) { enrolments[person] = at }

    /// Everybody who decided something, in no order.
    package var people: [Pseudonym] { Array(decisions.keys) }

    /// A request, or a new form of it.
    ///
    /// - Parameters:
    ///   - isProbe: nil where it stays what it was.
    ///   - floor: the least time to read it; nil where what was shown is not known.
    package mutating func asked(_ request: ApprovalID, isProbe: Bool?, floor: Duration?) {
        let old = questions[request]
        questions[request] = Question(
            isProbe: isProbe ?? old?.isProbe ?? false, floor: floor ?? old?.floor ?? .zero,
            verdicts: old?.verdicts ?? [:])
    }

    package func knows(_ request: ApprovalID) -> Bool { questions[request] != nil }

    package mutating func viewed(_ request: ApprovalID, by person: Pseudonym, at: Timestamp) {
        if questions[request]?.viewed[person] == nil { questions[request]?.viewed[person] = at }
    }

    package mutating func decided(
        _ request: ApprovalID, _ verdict: Vote.Verdict, by person: Pseudonym, at: Timestamp
    ) {
        let question = questions[request]
        questions[request]?.verdicts[person] = verdict
        let dwell = question?.viewed[person].map { max(.zero, at - $0) }
        decisions[person, default: []].append(
            (
                request,
                DecisionSample(
                    at: at, verdict: verdict, dwell: dwell, floor: question?.floor ?? .zero,
                    isProbe: question?.isProbe ?? false)
            ))
    }

    /// How long ago this person was first shown what is shown now; nil where that never was.
    package func dwell(_ request: ApprovalID, of person: Pseudonym, at now: Timestamp) -> Duration?
    {
        questions[request]?.viewed[person].map { max(.zero, now - $0) }
    }

    /// Forgets what was asked and decided before: no figure looks so far back.
    package mutating func forget(before time: Timestamp) {
        questions = questions.filter { $0.key.milliseconds >= time.milliseconds }
        decisions = decisions.compactMapValues { decisions in
            let kept = decisions.filter { $0.mark.at >= time }
            return kept.isEmpty ? nil : kept
        }
    }

    /// Oldest first.
    package func marks(of person: Pseudonym) -> [DecisionSample] {
        (decisions[person] ?? []).map(\.mark)
    }

    /// What this person decided, the oldest first and without probes, each with how long it had been asked.
    func waits(of person: Pseudonym) -> [(mark: DecisionSample, wait: Duration)] {
        (decisions[person] ?? []).filter { !$0.mark.isProbe }.map { decision in
            let asked = Timestamp(microseconds: decision.request.milliseconds * 1000)
            return (decision.mark, max(.zero, decision.mark.at - asked))
        }
    }

    /// On how many requests, decided from `since` on, somebody else decided otherwise.
    package func disagreements(of person: Pseudonym, since: Timestamp) -> Int {
        (decisions[person] ?? []).count { decision in
            guard decision.mark.at >= since, !decision.mark.isProbe else { return false }
            let others = questions[decision.request]?.verdicts.filter { $0.key != person } ?? [:]
            return others.values.contains { $0 != decision.mark.verdict }
        }
    }
}
