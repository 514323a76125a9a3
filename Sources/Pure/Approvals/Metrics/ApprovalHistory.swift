package import InterlockJSON
package import InterlockModel

/// The decisions of people in the order of the log, from which each person's metrics are computed.
package struct ApprovalHistory: Sendable {
    private struct Question {
        var isProbe: Bool
        var floor: Duration
        /// The time at which each person first opened the current revision.
        var viewed: [Pseudonym: Timestamp] = [:]
        var verdicts: [Pseudonym: Vote.Verdict] = [:]
    }
    private var questions: [ApprovalID: Question] = [:]
    private var decisions: [Pseudonym: [(request: ApprovalID, mark: DecisionSample)]] = [:]

    private var enrolments: [Pseudonym: Timestamp] = [:]

    package init() {}

    /// The person's last enrolment according to the log.
    package func lastEnrolment(of person: Pseudonym) -> Timestamp? { enrolments[person] }

    package mutating func enrolled(_ person: Pseudonym, at: Timestamp) { enrolments[person] = at }

    /// The people who decided something, in no particular order.
    package var people: [Pseudonym] { Array(decisions.keys) }

    /// Adds a request or a new revision of it.
    ///
    /// - Parameters:
    ///   - isProbe: nil if unchanged.
    ///   - floor: the minimum reading time; nil if it is unknown.
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

    /// The time since this person first opened the current revision, or nil if they have not.
    package func dwell(_ request: ApprovalID, of person: Pseudonym, at now: Timestamp) -> Duration?
    {
        questions[request]?.viewed[person].map { max(.zero, now - $0) }
    }

    /// Forgets requests and decisions from before `time`. The caller must choose a time before every metric's window.
    package mutating func forget(before time: Timestamp) {
        questions = questions.filter { $0.key.milliseconds >= time.milliseconds }
        decisions = decisions.compactMapValues { decisions in
            let kept = decisions.filter { $0.mark.at >= time }
            return kept.isEmpty ? nil : kept
        }
    }

    /// The decisions of a person, oldest first.
    package func marks(of person: Pseudonym) -> [DecisionSample] {
        (decisions[person] ?? []).map(\.mark)
    }

    /// The decisions of a person without probes, oldest first, each with the time since the request was made.
    func waits(of person: Pseudonym) -> [(mark: DecisionSample, wait: Duration)] {
        (decisions[person] ?? []).filter { !$0.mark.isProbe }.map { decision in
            let asked = Timestamp(microseconds: decision.request.milliseconds * 1000)
            return (decision.mark, max(.zero, decision.mark.at - asked))
        }
    }

    /// The number of requests, decided since `since`, that another person decided differently.
    package func disagreements(of person: Pseudonym, since: Timestamp) -> Int {
        (decisions[person] ?? []).count { decision in
            guard decision.mark.at >= since, !decision.mark.isProbe else { return false }
            let others = questions[decision.request]?.verdicts.filter { $0.key != person } ?? [:]
            return others.values.contains { $0 != decision.mark.verdict }
        }
    }
}

extension ApprovalHistory {
    /// The record types that `replay` uses; other types contain nothing about people's decisions.
    package static let types = [
        "approval.requested", "approval.reissued", "approval.viewed", "approval.granted",
        "approval.denied", "approval.probe", "approver.enrolled",
    ]

    /// Applies a record of the log. The caller must pass records in the order of the log.
    ///
    /// - Parameter floor: the minimum reading time, used if the record does not state it.
    package mutating func replay(_ leaf: JSONValue, floor: Duration? = nil) {
        let type = leaf["t"]?.string
        let at = Timestamp(microseconds: leaf["ts"]?.integer ?? 0)
        let person = leaf["by"]?.string.flatMap(Pseudonym.init(written:))
        if type == "approver.enrolled", let person { return enrolled(person, at: at) }
        guard let request = leaf["appr"]?.string.flatMap({ ApprovalID($0) }) else { return }
        let floor = leaf["floor"]?.integer.map { Duration.microseconds($0) } ?? floor
        switch (type, person) {
        case ("approval.requested", _):
            // The request of a probe has no intent, because no call is behind it.
            asked(request, isProbe: leaf["intent"] == nil, floor: floor)
        case ("approval.reissued", _): asked(request, isProbe: nil, floor: floor)
        case ("approval.viewed", let person?): viewed(request, by: person, at: at)
        case ("approval.granted", let person?): decided(request, .approve, by: person, at: at)
        case ("approval.denied", let person?): decided(request, .deny, by: person, at: at)
        case ("approval.probe", let person?):
            guard let verdict = leaf["verdict"]?.string.flatMap(Vote.Verdict.init) else { return }
            decided(request, verdict, by: person, at: at)
        default: break
        }
    }
}
