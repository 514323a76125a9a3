import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockPolicy
@testable import InterlockTrust

/// The stage of an agent from its records (docs/specs/trust-and-review.md, sections 2, 5 and 6).
@Suite(.requirement("R123", "R126", "R127")) struct StageHistoryTests {
    private let criteria = TrustCriteria.standard
    private func time(_ day: Int64) -> Timestamp { StageFixture.time(day) }

    private func promotion(
        _ from: AutonomyStage, _ to: AutonomyStage, on day: Int64, undoes: Bool = false
    ) throws -> Promotion {
        try #require(StageFixture.promotion(from, to, on: day, undoes: undoes))
    }

    /// The stage that each trigger leaves of stages 0 to 3, and its cool-down in days.
    private static let table: [(DemotionTrigger, left: [Int], days: Int64)] = [
        (.canary, [0, 0, 0, 0], 30), (.brokeredValue, [0, 0, 0, 0], 30),
        (.severeIncident, [0, 0, 0, 0], 30), (.incident, [0, 0, 0, 1], 30),
        (.kill, [0, 0, 0, 0], 30), (.denials, [0, 0, 1, 2], 14),
        (.evalRegression, [0, 0, 1, 2], 14), (.ownerLeft, [0, 0, 0, 0], 14),
        (.reviewOverdue, [0, 0, 0, 0], 14), (.drillOverdue, [0, 0, 1, 2], 14),
        (.expired, [0, 0, 1, 2], 14),
    ]

    @Test func `each trigger takes from each stage what the specification says`() {
        #expect(Self.table.map(\.0) == DemotionTrigger.allCases)
        for (trigger, left, days) in Self.table {
            for stage in AutonomyStage.allCases {
                var history = StageFixture.history(at: stage)
                #expect(history.earned(at: time(1)) == stage)
                let found = history.demotion(by: trigger, at: time(1), under: criteria)
                guard stage > .gated || trigger.holdsBackLowest else {
                    #expect(found == nil, "\(trigger) takes nothing from stage 0")
                    continue
                }
                let demotion = found.unwrapped
                #expect(demotion.from == stage && demotion.to.rawValue == left[stage.rawValue])
                #expect(demotion.cooldownEnd == time(1 + days), "\(trigger)")
                history.add(demotion)
                #expect(history.earned(at: time(1)).rawValue == left[stage.rawValue])
                #expect(history.cooldownEnd == time(1 + days) && history.creditStart == time(1))
            }
        }
    }

    @Test func `a demotion is measured from the stage that policy and owner permit`() {
        for ceiling in AutonomyStage.allCases {
            for trigger in DemotionTrigger.allCases {
                var history = StageFixture.history(at: .full)
                let demotion = history.demotion(
                    by: trigger, at: time(1), under: criteria, permitting: ceiling)
                history.add(demotion.unwrapped)
                #expect(demotion?.from == .full, "what is on record is what was earned")
                #expect(history.earned(at: time(1)) == trigger.target(from: ceiling))
            }
        }
        // A ceiling above what was earned changes nothing.
        let low = StageFixture.history(at: .assisted)
        let found = low.demotion(by: .denials, at: time(1), under: criteria, permitting: .full)
        #expect(found?.from == .assisted && found?.to == .gated)
    }

    @Test func `policy and owner permit a stage, whatever cannot be read for a time`() throws {
        var history = StageFixture.history(at: .full)
        func permitted(_ ceiling: AutonomyStage?, isOwner: Bool = true) -> AutonomyStage {
            history.permitted(
                StageConditions(
                    ceiling: ceiling, hasCriteria: false, promotionCounts: false,
                    delegationCounts: isOwner))
        }
        #expect(permitted(.full) == .full && permitted(.assisted) == .assisted)
        #expect(permitted(nil) == .full)
        try history.add(
            StageDelegation(
                org: "acme", agent: TrustFixture.agent, most: .bounded, owner: StageFixture.owner,
                date: time(1)))
        #expect(permitted(.full) == .bounded && permitted(.assisted) == .assisted)
        #expect(permitted(.full, isOwner: false) == .gated)
    }

    @Test func `a demotion on record that the entries lack is found, and no other`() throws {
        var history = StageFixture.history(at: .full)
        let cause = TrustFixture.digest(77)
        let first = history.demotion(by: .denials, cause: cause, at: time(1), under: criteria)
            .unwrapped
        #expect(history.lacks(first))
        history.add(first)
        #expect(!history.lacks(first), "its cause counts")
        let lower = history.demotion(by: .drillOverdue, at: time(2), under: criteria).unwrapped
        #expect(history.lacks(lower))
        history.add(lower)
        #expect(!history.lacks(lower))
        let longer = StageDemotion(.canary, from: .gated, at: time(3), under: criteria)
        #expect(history.lacks(longer))
        let other = StageDemotion(
            .evalRegression, from: .assisted, cause: TrustFixture.digest(78), at: time(2),
            under: criteria)
        #expect(history.lacks(other))
        // People decided with it.
        let old = StageDemotion(.kill, from: .full, at: time(-1), under: criteria)
        #expect(!history.lacks(old))
        #expect(StageHistory().lacks(old))
    }

    @Test func `a cause counts once, and a cool-down of stage 0 grows once a day`() {
        var history = StageFixture.history(at: .full)
        let cause = TrustFixture.digest(77)
        let first = history.demotion(by: .denials, cause: cause, at: time(1), under: criteria)
        history.add(first.unwrapped)
        #expect(history.earned(at: time(1)) == .bounded)
        #expect(
            history.demotion(by: .denials, cause: cause, at: time(2), under: criteria) == nil)
        history.add(history.demotion(by: .canary, at: time(2), under: criteria).unwrapped)
        let soon = time(2) + .seconds(3600)
        #expect(history.demotion(by: .canary, at: soon, under: criteria) == nil)
        #expect(history.demotion(by: .canary, at: time(3), under: criteria) != nil)
    }

    @Test func `a lower stage stays when a smaller demotion follows`() throws {
        var history = StageFixture.history(at: .full)
        history.add(history.demotion(by: .kill, at: time(1), under: criteria).unwrapped)
        history.add(StageDemotion(.denials, from: .full, at: time(2), under: criteria))
        #expect(history.earned(at: time(2)) == .gated)
        #expect(history.cooldownEnd == time(31))
    }

    @Test func `a promotion falls one stage at its end, and again after each further time`() {
        let history = StageFixture.history(at: .full, lasting: 60)
        #expect(history.promoted(at: time(60) - .seconds(1)) == .full)
        #expect(history.promoted(at: time(60)) == .bounded)
        #expect(history.promoted(at: time(119)) == .bounded)
        #expect(history.promoted(at: time(120)) == .assisted)
        #expect(history.promoted(at: time(180)) == .gated)
        #expect(history.promoted(at: time(100_000)) == .gated)
        #expect(history.status(StageFixture.clear, at: time(1)).expires == time(60))
        #expect(history.status(StageFixture.clear, at: time(61)).expires == time(120))
        #expect(history.status(StageFixture.clear, at: time(181)).expires == nil)
    }

    @Test func `each end of a promotion is recorded once`() {
        var history = StageFixture.history(at: .full, lasting: 60)
        #expect(history.ending(at: time(59), under: criteria) == nil)
        let first = history.ending(at: time(60), under: criteria).unwrapped
        #expect(first.trigger == .expired && first.from == .full && first.to == .bounded)
        history.add(first)
        #expect(history.ending(at: time(61), under: criteria) == nil)
        // Two more ends while nothing was looking.
        let rest = history.ending(at: time(200), under: criteria).unwrapped
        #expect(rest.from == .bounded && rest.to == .gated)
        history.add(rest)
        #expect(history.ending(at: time(1_000), under: criteria) == nil)
        var attested = StageFixture.history(at: .assisted)
        #expect(attested.ending(at: time(89), under: criteria) == nil)
        attested.add(attested.demotion(by: .kill, at: time(1), under: criteria).unwrapped)
        #expect(attested.ending(at: time(90), under: criteria) == nil, "nothing is left to take")
    }

    @Test func `no promotion follows in cool-down, and two people may undo a demotion`() throws {
        var history = StageFixture.history(at: .bounded)
        history.add(history.demotion(by: .denials, at: time(1), under: criteria).unwrapped)
        #expect(
            history.refusal(of: try promotion(.assisted, .bounded, on: 14))
                == .coolingDown(until: time(15)))
        #expect(history.refusal(of: try promotion(.assisted, .bounded, on: 15)) == nil)
        // An attestation of what is left widens nothing.
        #expect(history.refusal(of: try promotion(.assisted, .assisted, on: 2)) == nil)
        try history.add(promotion(.assisted, .bounded, on: 2, undoes: true))
        #expect(history.earned(at: time(2)) == .bounded && history.cooldownEnd == nil)
        #expect(
            history.refusal(of: try promotion(.bounded, .full, on: 3, undoes: true))
                == .nothingToUndo)
    }

    @Test func `a document of another stage or of before the last record does not count`() throws {
        var history = StageFixture.history(at: .bounded)
        #expect(
            history.refusal(of: try promotion(.assisted, .bounded, on: 1))
                == .otherStage(.bounded))
        #expect(history.refusal(of: try promotion(.bounded, .full, on: 0)) == .tooOld)
        history.add(history.demotion(by: .denials, at: time(5), under: criteria).unwrapped)
        #expect(
            history.refusal(of: try promotion(.assisted, .bounded, on: 5, undoes: true)) == .tooOld)
        let before = history
        let late = try promotion(.assisted, .bounded, on: 4, undoes: true)
        var refused: PromotionRefusal?
        do throws(PromotionRefusal) { try history.add(late) } catch { refused = error }
        #expect(refused == .tooOld)
        #expect(history == before)
    }

    @Test func `the status names what keeps an agent down`() throws {
        let none = StageHistory().status(StageFixture.clear, at: time(0))
        #expect(none.stage == .gated && none.reasons == [.noPromotion])
        let history = StageFixture.history(at: .full)
        func status(
            ceiling: AutonomyStage? = .full, criteria: Bool = true, counts: Bool = true
        ) -> StageStatus {
            history.status(
                StageConditions(
                    ceiling: ceiling, hasCriteria: criteria, promotionCounts: counts,
                    delegationCounts: true), at: time(1))
        }
        #expect(status().stage == .full)
        #expect(status().reasons == [.promoted(.full, until: time(90))])
        #expect(status(ceiling: .assisted).stage == .assisted)
        #expect(status(ceiling: nil).stage == .gated)
        #expect(status(ceiling: nil).reasons.first == .observed)
        #expect(status(criteria: false).stage == .gated)
        #expect(status(criteria: false).reasons == [.noCriteria])
        #expect(status(counts: false).stage == .gated)
        #expect(status(counts: false).reasons == [.promotionUnsigned])
    }

    @Test func `the ceiling of an owner who left delegates nothing`() throws {
        var history = StageFixture.history(at: .full)
        try history.add(
            StageDelegation(
                org: "acme", agent: TrustFixture.agent, most: .bounded, owner: StageFixture.owner,
                date: time(1)))
        #expect(history.status(StageFixture.clear, at: time(2)).stage == .bounded)
        let left = StageConditions(
            ceiling: .full, hasCriteria: true, promotionCounts: true, delegationCounts: false)
        let status = history.status(left, at: time(2))
        #expect(status.stage == .gated && status.reasons.contains(.delegationEnded))
        let again = StageDelegation(
            org: "acme", agent: TrustFixture.agent, most: .full, owner: StageFixture.owner,
            date: time(1))
        var refused: PromotionRefusal?
        do throws(PromotionRefusal) { try history.add(again) } catch { refused = error }
        #expect(refused == .tooOld && history.delegation?.most == .bounded)
    }

    @Test func `over random histories no stage rises but by a promotion, and by one`() {
        var random = SeededGenerator.announced()
        for _ in 0..<300 {
            var history = StageHistory()
            var day: Int64 = 0
            var last = AutonomyStage.gated
            for _ in 0..<40 {
                day += Int64.random(in: 0...40, using: &random)
                let stage = history.earned(at: time(day))
                #expect(stage <= last, "time alone raised the stage")
                var most = stage
                switch Int.random(in: 0..<3, using: &random) {
                case 0:
                    let trigger = DemotionTrigger.allCases.randomElement(using: &random).unwrapped
                    if let next = history.demotion(by: trigger, at: time(day), under: criteria) {
                        history.add(next)
                    }
                case 1:
                    if let next = history.ending(at: time(day), under: criteria) {
                        history.add(next)
                    }
                default:
                    let from = AutonomyStage.allCases.randomElement(using: &random).unwrapped
                    let next = StageFixture.promotion(
                        from, from.next ?? from, on: day,
                        lasting: .random(in: 1...90, using: &random),
                        undoes: .random(using: &random))
                    if let next, (try? history.add(next)) != nil { most = stage.next ?? stage }
                }
                last = history.earned(at: time(day))
                #expect(last <= most)
                check(history, at: time(day), &random)
            }
        }
    }

    /// The effective stage is above none of the four limits, and tier high is decided as supervised at each stage.
    private func check(
        _ history: StageHistory, at now: Timestamp, _ random: inout SeededGenerator
    ) {
        let ceiling = [nil, AutonomyStage.assisted, .full].randomElement(using: &random) ?? nil
        let status = history.status(
            StageConditions(
                ceiling: ceiling, hasCriteria: .random(using: &random),
                promotionCounts: .random(using: &random), delegationCounts: true), at: now)
        let limits = status.limits
        for limit in [
            limits.ceiling ?? .gated, limits.delegation ?? .full, limits.promotion ?? .gated,
            limits.demotion ?? .full,
        ] { #expect(status.stage <= limit) }
        let record = AgentTerms.Trust.record(status.stage.assignment, isFounding: false)
        #expect(AgentTerms(written: .trusted, held: [], tier: .high, record).stage == .supervised)
    }
}
