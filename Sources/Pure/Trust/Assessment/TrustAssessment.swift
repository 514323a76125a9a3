import InterlockJSON
package import InterlockModel

/// The facts about an agent that are no counts of runs. Nil is unknown, and counts as missed.
package struct TrustFacts: Sendable, Hashable {
    /// The incidents about the agent on record; nil if the log does not reach back to the window's begin.
    package var incidents: [TrustIncident]?
    /// True if the evals pass for the current fingerprint.
    package var evalPasses: Bool?
    package var isReviewCurrent: Bool?
    package var isDrillCurrent: Bool?
    /// The owner's last confirmation.
    package var ownerConfirmed: Timestamp?
    /// The records that state a fact which is no incident.
    package var leaves: [TrustCriterion: [Digest]] = [:]

    package init(incidents: [TrustIncident]? = nil) { self.incidents = incidents }
}

extension TrustFacts {
    /// Takes what the log does not have, and the confirmation that counts for the owner of now.
    package mutating func take(
        _ known: AgentFacts, _ confirmation: OwnerConfirmation?, at now: Timestamp
    ) {
        evalPasses = known.evalPasses
        isReviewCurrent = known.review.map { $0.isCurrent(at: now) }
        leaves[.review] = known.review?.signed.map { [$0.leaf] } ?? []
        guard let confirmation, let owner = known.owner, sameBytes(owner.text, confirmation.owner)
        else { return }
        ownerConfirmed = confirmation.time
        leaves[.ownerConfirmed] = [confirmation.leaf]
    }
}

/// Every criterion of one stage for one agent, with its value and its threshold. A pure function: the same records
/// and criteria always give the same assessment.
package struct TrustAssessment: Sendable {
    package let stage: AutonomyStage
    /// One result for each criterion, in their order.
    package let results: [CriterionResult]

    /// True if a person may promote the agent as far as numbers go.
    ///
    /// INVARIANT: it never becomes true by one more bad run. Kept by `TrustAssessmentTests`.
    package var isMet: Bool { results.allSatisfy(\.isMet) }

    package var missed: [TrustCriterion] { results.filter { !$0.isMet }.map(\.criterion) }

    /// - Returns: nil for stage 0, which nothing has to be shown for.
    package init?(
        of count: TrustCount, _ facts: TrustFacts, for stage: AutonomyStage,
        under criteria: TrustCriteria, at now: Timestamp
    ) {
        guard let step = criteria.stages[stage] else { return nil }
        self.stage = stage
        let ends = count.cleanEnds
        results = [
            .least(.cleanRuns, count.credit, step.cleanRuns, ends),
            .least(.days, count.days, step.days, ends),
            .least(.templates, count.templates, step.templates, ends),
            .bound(
                .agentDenials, count.agentDenials, step.agentDenials, criteria.interval,
                unknown: "no run counts yet", count.denials),
            .bound(
                .approvalsRejected, count.approvalsRejected, step.approvalsRejected,
                criteria.interval,
                unknown: "no request for approval was decided in a run that counts",
                count.rejections),
            Self.incidents(facts.incidents, criteria, now),
            Self.flag(
                .eval, facts.evalPasses, "pass", "the change gate was not asked", facts),
            Self.flag(
                .review, facts.isReviewCurrent, "current", "no date of a review is known", facts),
            Self.flag(
                .drill, facts.isDrillCurrent, "current",
                "no drill that passed and was signed is on record", facts),
            Self.confirmation(facts, criteria, now),
        ]
    }

    private static func incidents(
        _ incidents: [TrustIncident]?, _ criteria: TrustCriteria, _ now: Timestamp
    ) -> CriterionResult {
        let threshold =
            "at most \(criteria.incidents) of severity \(criteria.incidentSeverity) or worse in "
            + Self.days(criteria.incidentWindow)
        guard let incidents else {
            return .unknown(.incidents, threshold, "the log does not reach back that far")
        }
        // An incident of the future, after a clock was set back, counts.
        let counted = incidents.filter {
            $0.severity <= criteria.incidentSeverity && now - $0.time <= criteria.incidentWindow
        }
        return CriterionResult(
            criterion: .incidents, value: .count(counted.count), threshold: threshold,
            isMet: counted.count <= criteria.incidents, leaves: counted.map(\.leaf))
    }

    private static func flag(
        _ criterion: TrustCriterion, _ value: Bool?, _ word: String, _ unknown: String,
        _ facts: TrustFacts
    ) -> CriterionResult {
        guard let value else { return .unknown(criterion, word, unknown) }
        return CriterionResult(
            criterion: criterion, value: .count(value ? 1 : 0), threshold: word, isMet: value,
            leaves: facts.leaves[criterion] ?? [])
    }

    private static func confirmation(
        _ facts: TrustFacts, _ criteria: TrustCriteria, _ now: Timestamp
    ) -> CriterionResult {
        let threshold = "in the last \(days(criteria.ownerConfirmed))"
        guard let confirmed = facts.ownerConfirmed else {
            return .unknown(.ownerConfirmed, threshold, "no record states it")
        }
        let age = now - confirmed
        return CriterionResult(
            criterion: .ownerConfirmed,
            value: .count(Int(clamping: age.components.seconds / 86_400)), threshold: threshold,
            // A confirmation of the future proves nothing.
            isMet: age >= .zero && age <= criteria.ownerConfirmed,
            leaves: facts.leaves[.ownerConfirmed] ?? [])
    }

    private static func days(_ length: Duration) -> String {
        "\(length.components.seconds / 86_400) days"
    }
}
