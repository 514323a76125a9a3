/// An event that takes autonomy from an agent at once (docs/specs/trust-and-review.md, section 6). The raw value is the
/// code of its record.
///
/// An incident of severity 1 that is a planted or brokered value in arguments has a code of its own, because no person
/// has to open the incident first.
package enum DemotionTrigger: String, Sendable, Hashable, CaseIterable {
    case canary
    case brokeredValue = "brokered-value"
    case severeIncident = "incident-1"
    case incident = "incident-2"
    /// A halt of this agent; not one of its owner, of the org, or of a drill.
    case kill
    /// The cumulative sum of the agent's denials is above its threshold.
    case denials
    /// Evals of the agent's current fingerprint failed.
    case evalRegression = "eval-regression"
    /// The owner left, is suspended, was removed, or is another person.
    case ownerLeft = "owner-left"
    /// The governance review is 14 days overdue.
    case reviewOverdue = "review-overdue"
    /// The kill drill is 14 days overdue.
    case drillOverdue = "drill-overdue"
    /// A promotion ended, and no person attested it again.
    case expired

    /// The part of the autonomy that is lost.
    package enum Loss: Sendable, Hashable {
        /// All of it.
        case all
        /// A number of stages.
        case stages(Int)
    }

    package var loss: Loss {
        switch self {
        case .canary, .brokeredValue, .severeIncident, .kill, .ownerLeft, .reviewOverdue: .all
        case .incident: .stages(2)
        case .denials, .evalRegression, .drillOverdue, .expired: .stages(1)
        }
    }

    /// The stage that it leaves of another one: never a higher one.
    package func target(from stage: AutonomyStage) -> AutonomyStage {
        switch loss {
        case .all: .gated
        case .stages(let count): AutonomyStage(rawValue: stage.rawValue - count) ?? .gated
        }
    }

    /// The time after it in which no promotion follows.
    package func cooldown(under criteria: TrustCriteria) -> Duration {
        holdsBackLowest ? criteria.cooldownAfterIncident : criteria.cooldown
    }

    /// True if it also keeps an agent at stage 0 there for a time.
    package var holdsBackLowest: Bool {
        switch self {
        case .canary, .brokeredValue, .severeIncident, .incident, .kill: true
        case .denials, .evalRegression, .ownerLeft, .reviewOverdue, .drillOverdue, .expired: false
        }
    }

    /// The trigger in words, for people.
    package var text: String {
        switch self {
        case .canary: "a canary was in the arguments of a call"
        case .brokeredValue: "a brokered secret was in the arguments of a call"
        case .severeIncident: "an incident of severity 1"
        case .incident: "an incident of severity 2"
        case .kill: "the agent was stopped by the kill switch"
        case .denials: "its rate of denials rose"
        case .evalRegression: "evals of its current fingerprint failed"
        case .ownerLeft: "its owner left, is suspended, was removed or was replaced"
        case .reviewOverdue: "its governance review is 14 days overdue"
        case .drillOverdue: "the kill drill is 14 days overdue"
        case .expired: "its promotion expired"
        }
    }
}
