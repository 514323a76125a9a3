package import InterlockModel

/// The facts besides the records of an agent on which its stage depends.
package struct StageConditions: Sendable, Hashable {
    /// The highest stage that the policy permits; nil if it holds the agent at `observe`.
    package let ceiling: AutonomyStage?
    /// False if no criteria can be read: stage 0.
    package let hasCriteria: Bool
    /// False if the signatures under the promotion do not suffice any more, or the policy names another owner.
    package let promotionCounts: Bool
    /// False if the person who set the ceiling is not the owner any more, or was revoked.
    package let delegationCounts: Bool
    /// False if the signatures under the exception do not suffice any more, or the policy names another owner.
    package let exceptionCounts: Bool

    package init(
        ceiling: AutonomyStage?, hasCriteria: Bool, promotionCounts: Bool, delegationCounts: Bool,
        exceptionCounts: Bool = false
    ) {
        self.ceiling = ceiling
        self.hasCriteria = hasCriteria
        self.promotionCounts = promotionCounts
        self.delegationCounts = delegationCounts
        self.exceptionCounts = exceptionCounts
    }
}

/// The stage of an agent at one time, with what it rests on.
package struct StageStatus: Sendable, Hashable {
    /// One thing that keeps an agent below the highest stage.
    package enum Reason: Sendable, Hashable {
        case observed
        case ceiling(AutonomyStage)
        case delegation(AutonomyStage)
        /// The owner who set the ceiling is not the owner any more: nothing is delegated.
        case delegationEnded
        case noPromotion
        case noCriteria
        case promotionUnsigned
        /// Promoted to this stage until then.
        case promoted(AutonomyStage, until: Timestamp)
        /// A promotion to this stage ended then.
        case expired(AutonomyStage, at: Timestamp)
        case demoted(StageDemotion)
        /// Raised to this stage until then, by an exception of people.
        case excepted(AutonomyStage, until: Timestamp)
    }

    package let limits: StageLimits
    /// The reasons in the order of the limits.
    package let reasons: [Reason]
    /// The time at which the stage falls unless people attest it again; nil if it cannot fall by time.
    package let expires: Timestamp?
    /// The end of the cool-down; nil if none is running.
    package let cooldownEnd: Timestamp?
    /// The time from which runs give credit; nil if no demotion took any.
    package let creditStart: Timestamp?

    /// Stage 0 if the policy holds the agent: it is then decided at `observe` whatever its stage.
    package var stage: AutonomyStage { limits.effective ?? .gated }
}

extension StageHistory {
    package func status(_ conditions: StageConditions, at now: Timestamp) -> StageStatus {
        var reasons: [StageStatus.Reason] = []
        if let ceiling = conditions.ceiling {
            if ceiling < .full { reasons.append(.ceiling(ceiling)) }
        } else {
            reasons.append(.observed)
        }
        let delegated = delegated(conditions, &reasons)
        let promoted = promoted(conditions, at: now, &reasons)
        if let demotion { reasons.append(.demoted(demotion)) }
        let excepted = excepted(conditions, over: promoted, at: now)
        if let excepted { reasons.append(.excepted(excepted.stage, until: excepted.end)) }
        let ends = [nextEnd(at: now), excepted?.end].compactMap(\.self)
        return StageStatus(
            limits: StageLimits(
                ceiling: conditions.ceiling, delegation: delegated,
                promotion: excepted?.stage ?? promoted, demotion: demotion?.to),
            reasons: reasons, expires: ends.min(),
            cooldownEnd: cooldownEnd.flatMap { now < $0 ? $0 : nil }, creditStart: creditStart)
    }

    /// The highest stage that the policy and the owner permit, from which a demotion is measured. Criteria and signatures
    /// that cannot be read for a time are left out, and `observe`, at which every call is denied: neither makes the same
    /// alarm cost more.
    package func permitted(_ conditions: StageConditions) -> AutonomyStage {
        var reasons: [StageStatus.Reason] = []
        return min(conditions.ceiling ?? .full, delegated(conditions, &reasons) ?? .full)
    }

    private func delegated(
        _ conditions: StageConditions, _ reasons: inout [StageStatus.Reason]
    ) -> AutonomyStage? {
        guard let delegation else { return nil }
        guard conditions.delegationCounts else {
            reasons.append(.delegationEnded)
            return .gated
        }
        if delegation.most < .full { reasons.append(.delegation(delegation.most)) }
        return delegation.most
    }

    private func promoted(
        _ conditions: StageConditions, at now: Timestamp, _ reasons: inout [StageStatus.Reason]
    ) -> AutonomyStage? {
        guard let promotion else {
            reasons.append(.noPromotion)
            return nil
        }
        guard conditions.hasCriteria else {
            reasons.append(.noCriteria)
            return nil
        }
        guard conditions.promotionCounts else {
            reasons.append(.promotionUnsigned)
            return nil
        }
        reasons.append(
            now < promotion.expires
                ? .promoted(promotion.to, until: promotion.expires)
                : .expired(promotion.to, at: promotion.expires))
        return promoted(at: now)
    }

    /// The exception that raises the stage now, one above what the promotion gives; nil without one. A demotion has ended
    /// it otherwise, so it is above no limit of demotions.
    private func excepted(
        _ conditions: StageConditions, over promoted: AutonomyStage?, at now: Timestamp
    ) -> (stage: AutonomyStage, end: Timestamp)? {
        guard conditions.hasCriteria, conditions.exceptionCounts, demotion == nil, let exception,
            exception.isRunning(at: now), let next = (promoted ?? .gated).next
        else { return nil }
        let stage = min(exception.to, next)
        return stage > promoted ?? .gated ? (stage: stage, end: exception.expires) : nil
    }

    /// The time of the next fall by expiry.
    private func nextEnd(at now: Timestamp) -> Timestamp? {
        guard let promotion, let stage = promoted(at: now), stage > .gated else { return nil }
        let fallen = promotion.to.rawValue - stage.rawValue
        return promotion.expires + (promotion.expires - promotion.date) * fallen
    }
}
