import InterlockEvals
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Criteria and their thresholds (docs/specs/trust-and-review.md, sections 3 and 4).
@Suite(.requirement("R124", "R125", "R128")) struct TrustAssessmentTests {
    /// Facts with which everything that is no count is met.
    private static var good: TrustFacts {
        var facts = TrustFacts(incidents: [])
        facts.evalPasses = true
        facts.isReviewCurrent = true
        facts.isDrillCurrent = true
        facts.ownerConfirmed = TrustFixture.now - .seconds(86_400)
        return facts
    }

    /// Runs with which every count of stage 1 is met.
    private static let runs = TrustFixture.many(100, templates: 3, days: 6, granted: 1)

    private func assess(
        _ runs: [RunFacts] = TrustAssessmentTests.runs,
        _ facts: TrustFacts = TrustAssessmentTests.good,
        for stage: AutonomyStage = .assisted, _ criteria: TrustCriteria = .standard
    ) -> TrustAssessment {
        TrustAssessment(
            of: TrustCount(runs, under: criteria), facts, for: stage, under: criteria,
            at: TrustFixture.now
        ).unwrapped
    }

    @Test func `an agent that meets every criterion may rise, and each is listed once`() {
        let assessment = assess()
        #expect(assessment.isMet, "\(assessment.missed)")
        #expect(assessment.results.map(\.criterion) == TrustCriterion.allCases)
        #expect(assessment.results[0].leaves.count == 100)
        #expect(
            TrustAssessment(
                of: TrustCount([], under: .standard), Self.good, for: .gated, under: .standard,
                at: TrustFixture.now) == nil)
    }

    @Test func `each criterion is missed alone`() {
        let severe = TrustIncident(
            severity: 2, time: TrustFixture.now - .seconds(86_400),
            leaf: TrustFixture.digest(5))
        var cases: [(TrustCriterion, TrustAssessment)] = []
        var more = TrustCriteria.standard
        more.stages.assisted.cleanRuns = 101
        cases.append((.cleanRuns, assess(for: .assisted, more)))
        cases.append((.days, assess(TrustFixture.many(100, templates: 5, days: 4, granted: 1))))
        more = .standard
        more.stages.assisted.templates = 4
        cases.append((.templates, assess(for: .assisted, more)))
        let denied = (0..<9).map { TrustFixture.denied(1_000 + $0, template: 0) }
        cases.append((.agentDenials, assess(Self.runs + denied)))
        var rejected = TrustFixture.clean(2_000, template: 1)
        rejected.rejections = (0..<9).map { TrustFixture.digest(UInt64($0)) }
        rejected.flaws = [RunFlaw(.rejectedApproval, TrustFixture.digest(0))]
        cases.append((.approvalsRejected, assess(Self.runs + [rejected])))
        var facts = Self.good
        facts.incidents = [severe]
        cases.append((.incidents, assess(Self.runs, facts)))
        facts = Self.good
        facts.evalPasses = false
        cases.append((.eval, assess(Self.runs, facts)))
        facts = Self.good
        facts.isReviewCurrent = false
        cases.append((.review, assess(Self.runs, facts)))
        facts = Self.good
        facts.isDrillCurrent = false
        cases.append((.drill, assess(Self.runs, facts)))
        facts = Self.good
        facts.ownerConfirmed = TrustFixture.now - .seconds(31 * 86_400)
        cases.append((.ownerConfirmed, assess(Self.runs, facts)))
        #expect(cases.map(\.0) == TrustCriterion.allCases)
        for (criterion, assessment) in cases {
            #expect(assessment.missed == [criterion], "\(criterion)")
        }
    }

    @Test func `what is unknown counts as missed`() {
        let assessment = assess(Self.runs, TrustFacts())
        #expect(
            assessment.missed == [.incidents, .eval, .review, .drill, .ownerConfirmed])
        for result in assessment.results where !result.isMet {
            guard case .unknown = result.value else {
                Issue.record("\(result.criterion) is known")
                continue
            }
            #expect(result.value.text.hasPrefix("unknown: "))
        }
        let none = assess(TrustFixture.many(100, templates: 3, days: 6))
        #expect(none.missed == [.approvalsRejected])
        #expect(assess([]).missed.contains(.agentDenials))
    }

    @Test func `only grave incidents of the window count`() {
        var facts = Self.good
        facts.incidents = [
            TrustIncident(severity: 3, time: TrustFixture.now, leaf: TrustFixture.digest(1)),
            TrustIncident(
                severity: 1, time: TrustFixture.now - .seconds(91 * 86_400),
                leaf: TrustFixture.digest(2)),
        ]
        #expect(assess(Self.runs, facts).isMet)
        // The clock was set back: an incident is later than now.
        facts.incidents = [
            TrustIncident(
                severity: 1, time: TrustFixture.now + .seconds(86_400),
                leaf: TrustFixture.digest(3))
        ]
        #expect(assess(Self.runs, facts).missed == [.incidents])
        facts = Self.good
        facts.ownerConfirmed = TrustFixture.now + .seconds(86_400)
        #expect(assess(Self.runs, facts).missed == [.ownerConfirmed])
    }

    @Test func `a demonstration is never enough`() {
        #expect(assess([TrustFixture.clean(1, template: 0, granted: 1)]).isMet == false)
        let trivial = TrustFixture.many(3_000, templates: 1, days: 1, granted: 1)
        #expect(assess(trivial).missed.prefix(3) == [.cleanRuns, .days, .templates])
    }

    @Test func `one more bad run never turns a missed criterion into a met one`() {
        var random = SeededGenerator.announced()
        var loose = TrustCriteria.standard
        loose.stages.assisted.agentDenials = Fraction("0.5").unwrapped
        loose.stages.assisted.approvalsRejected = Fraction("0.5").unwrapped
        for _ in 0..<rounds(1_000) {
            loose.templateShare =
                Fraction(tenThousandths: Int.random(in: 1...10_000, using: &random)).unwrapped
            loose.perCluster = Int.random(in: 1...30, using: &random)
            let runs = TrustCountTests.random(&random, bad: 40)
            var bad = TrustFixture.denied(
                900_000, template: Int.random(in: 0...5, using: &random),
                day: Int64.random(in: 0...5, using: &random))
            let rejections = Int.random(in: 0...2, using: &random)
            bad.rejections = (0..<rejections).map { TrustFixture.digest(UInt64($0)) }
            bad.granted = Int.random(in: 0...50, using: &random)
            if Bool.random(using: &random) {
                bad.flaws = [
                    RunFlaw(
                        RunFlaw.Kind.allCases.randomElement(using: &random) ?? .kill,
                        TrustFixture.digest(1))
                ]
            }
            let before = Set(assess(runs, Self.good, for: .assisted, loose).missed)
            let after = Set(assess(runs + [bad], Self.good, for: .assisted, loose).missed)
            #expect(after.isSuperset(of: before), "\(before.subtracting(after))")
        }
    }
}
