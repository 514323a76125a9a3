import InterlockModel
import InterlockTesting

@testable import InterlockTrust

/// Promotions and histories of tests. Days are counted from `TrustFixture.now`.
enum StageFixture {
    static let owner = Person("dana@acme.example").unwrapped
    static let other = Person("omar@acme.example").unwrapped
    static let rationale =
        "Four weeks of label routing, 412 clean runs, both rejections traced to a stale list"

    static func time(_ day: Int64) -> Timestamp { TrustFixture.now + .seconds(day * 86_400) }

    static func promotion(
        _ from: AutonomyStage, _ to: AutonomyStage, on day: Int64, lasting days: Int64 = 90,
        by deciders: [Person] = [StageFixture.owner, StageFixture.other], undoes: Bool = false
    ) -> Promotion? {
        Promotion(
            org: "acme", agent: TrustFixture.agent, from: from, to: to, owner: owner,
            deciders: deciders, date: time(day), expires: time(day + days), rationale: rationale,
            criteria: TrustFixture.digest(1), evidence: TrustFixture.digest(2),
            fingerprint: TrustFixture.digest(3), policy: TrustFixture.policy, undoes: undoes)
    }

    /// A history with one promotion a day until the stage, the last one on day 0.
    static func history(at stage: AutonomyStage, lasting days: Int64 = 90) -> StageHistory {
        var history = StageHistory()
        for step in AutonomyStage.allCases where step > .gated && step <= stage {
            let day = Int64(step.rawValue - stage.rawValue)
            let next = promotion(
                step.previous ?? .gated, step, on: day, lasting: step == stage ? days : 90)
            try? history.add(next.unwrapped)
        }
        return history
    }

    /// Everything besides the records is as it should be.
    static let clear = StageConditions(
        ceiling: .full, hasCriteria: true, promotionCounts: true, delegationCounts: true)
}
