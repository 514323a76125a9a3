package import InterlockModel
package import InterlockTrust

/// The parts outside the governor that answer checks. A part that is not there must answer `unknown`, never `ok`.
package struct ReadinessSources: Sendable {
    package typealias OfAgent = @Sendable (AgentName) -> ReadinessAnswer

    /// The last confirmation by the owner.
    let owner: OfAgent
    /// The answer of the change gate.
    let eval: OfAgent
    /// The attestation that a run of the agent was inside its sandbox; asked only if the policy demands one.
    let sandbox: OfAgent
    /// The controls with the status `gap`; asked for an agent of tier high, and with nil for the organisation.
    let controls: @Sendable (AgentName?) -> ReadinessAnswer
    /// The open incidents of severity 1 or 2; nil asks for the organisation.
    let incidents: @Sendable (AgentName?) async -> ReadinessAnswer
    let drill: @Sendable () -> DrillStatus
    let reviews: any ReviewStatusReader
    let selfTests: any SelfTestStatusReader

    package init(
        owner: @escaping OfAgent, eval: @escaping OfAgent, sandbox: @escaping OfAgent,
        controls: @escaping @Sendable (AgentName?) -> ReadinessAnswer,
        incidents: @escaping @Sendable (AgentName?) async -> ReadinessAnswer,
        drill: @escaping @Sendable () -> DrillStatus, reviews: any ReviewStatusReader,
        selfTests: any SelfTestStatusReader
    ) {
        self.owner = owner
        self.eval = eval
        self.sandbox = sandbox
        self.controls = controls
        self.incidents = incidents
        self.drill = drill
        self.reviews = reviews
        self.selfTests = selfTests
    }
}

extension ReadinessAnswer {
    /// The answer to whether a review is due (docs/specs/trust-and-review.md, section 9).
    init(_ review: ReviewStatus?, at now: Timestamp) {
        guard let review else {
            self = .unknown("it is not known when the review is due")
            return
        }
        let due = review.due.day.text
        guard review.isCurrent(at: now) else {
            self = .missing("the review was due on \(due)", leaves: review.leaves)
            return
        }
        self = .ok("due on \(due)", leaves: review.leaves)
    }

    /// The answer to whether the deployment was tested by itself (docs/specs/evidence.md, section 5).
    ///
    /// - Parameter passed: what a passed test proves.
    init(_ selfTest: SelfTestStatus?, passed: String, at now: Timestamp) {
        guard let selfTest else {
            self = .missing("no self-test is on record")
            return
        }
        let time = selfTest.time.rfc3339(fractionDigits: 0)
        if !selfTest.passed {
            self = .missing("the self-test of \(time) failed", leaves: [selfTest.leaf])
        } else if selfTest.time > now {
            // A test of the future, after a clock was set back, proves nothing.
            self = .unknown("the self-test is of \(time), which is later than now")
        } else if !selfTest.isSound(at: now) {
            self = .missing("the self-test of \(time) is overdue", leaves: [selfTest.leaf])
        } else {
            self = .ok("\(passed) \(time)", leaves: [selfTest.leaf])
        }
    }

    /// The answer to whether a drill of the kill switch counts.
    init(_ drill: DrillStatus) {
        let last = drill.lastPass.map { "the last one passed at \($0.rfc3339(fractionDigits: 0))" }
        self =
            switch drill.word {
            case .fine, .dueSoon: .ok(last ?? "passed")
            case .none: .missing("the policy requires no drill")
            case .overdue: .missing("the drill is overdue")
            case .failed: .missing("the newest drill failed")
            case .declared: .missing("a drill is declared that no report proves")
            }
    }
}

extension ReviewStatus {
    fileprivate var leaves: [Digest] { signed.map { [$0.leaf] } ?? [] }
}
