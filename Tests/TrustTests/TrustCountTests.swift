import InterlockEvals
import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockTrust

/// Counts of runs (docs/specs/trust-and-review.md, section 4).
@Suite(.requirement("R124", "R125")) struct TrustCountTests {
    private let criteria = TrustCriteria.standard

    private func count(
        _ runs: [RunFacts], outside: [Digest] = [], _ classified: [Digest: DenialCause] = [:]
    ) -> TrustCount {
        TrustCount(
            runs, denialsOutsideRuns: outside, classified: classified, under: criteria)
    }

    @Test func `runs over templates and days count one by one`() {
        let counted = count(TrustFixture.many(60, templates: 3, days: 5))
        #expect(counted.credit == 60 && counted.clean == 60)
        #expect(counted.templates == 3 && counted.days == 5)
        #expect(counted.agentDenials == PassRate(0, of: 60))
        #expect(counted.approvalsRejected == nil)
        #expect(counted.cleanEnds.count == 60)
    }

    @Test func `three thousand trivial runs in a day count for eight`() {
        // 20 of the cluster, and 40 % of these for the one template.
        let counted = count(TrustFixture.many(3_000, templates: 1, days: 1))
        #expect(counted.credit == 8 && counted.clean == 3_000)
        #expect(counted.templates == 1 && counted.days == 1)
    }

    @Test func `one task split into many runs counts as little as the cluster admits`() {
        let few = TrustFixture.many(30, templates: 3, days: 1)
        let split = few + (0..<2_000).map { TrustFixture.clean(10_000 + $0, template: 0) }
        // 20 of the one template and 10 of each other one; 40 % of 40 bound the first.
        #expect(count(few).credit == 30)
        #expect(count(split).credit == 36)
    }

    @Test func `runs without a task share one template`() {
        let counted = count((0..<50).map { TrustFixture.clean($0, day: Int64($0 % 5)) })
        #expect(counted.templates == 1 && counted.credit == 20)
    }

    @Test func `a bad run counts against the agent even where the cap leaves no room`() {
        let runs =
            TrustFixture.many(100, templates: 1, days: 5)
            + (0..<10).map { TrustFixture.denied(1_000 + $0, template: 0) }
        // 40 % of 100 clean runs are the denominator, and all ten the numerator.
        #expect(count(runs).agentDenials == PassRate(10, of: 40))
        #expect(count(runs).credit == 40)
        #expect(count(runs).denials.count == 10)
    }

    @Test func `denials outside of runs count as runs, and no rate is above one`() {
        let runs = TrustFixture.many(10, templates: 5, days: 2)
        let outside = (0..<20).map { TrustFixture.digest(UInt64($0) + 500) }
        #expect(count(runs, outside: outside).agentDenials == PassRate(10, of: 10))
        #expect(count([], outside: outside).agentDenials == nil)
        #expect(count([TrustFixture.denied(1)]).agentDenials == nil)
    }

    @Test func `a denial counts against the agent until a person says otherwise`() {
        let bad = TrustFixture.denied(1_000, template: 0)
        let leaf = bad.flaws[0].leaf
        let runs = TrustFixture.many(60, templates: 3, days: 5) + [bad]
        #expect(count(runs).agentDenials?.passes == 1 && count(runs).credit == 60)
        for cause in DenialCause.allCases {
            let counted = count(runs, [leaf: cause])
            #expect(counted.agentDenials?.passes == (cause == .agent ? 1 : 0))
            #expect(counted.clean == (cause == .agent ? 60 : 61))
        }
        #expect(count(runs, outside: [leaf], [leaf: .policy]).agentDenials?.passes == 0)
    }

    @Test func `requests for approval are counted of clean runs, and rejections of all`() {
        var rejected = TrustFixture.clean(1_000, template: 1, granted: 500)
        rejected.rejections = [TrustFixture.digest(77)]
        rejected.flaws = [RunFlaw(.rejectedApproval, TrustFixture.digest(77))]
        let runs = TrustFixture.many(30, templates: 3, days: 5, granted: 1) + [rejected]
        #expect(count(runs).approvalsRejected == PassRate(1, of: 31))
        #expect(count(runs).rejections == [TrustFixture.digest(77)])
        #expect(count(runs).agentDenials == PassRate(0, of: 30))
    }

    @Test func `each flaw alone keeps a run from being clean`() {
        for kind in RunFlaw.Kind.allCases {
            var run = TrustFixture.clean(1)
            run.flaws = [RunFlaw(kind, TrustFixture.digest(1))]
            #expect(run.runClass() == .bad, "\(kind)")
            run.end = nil
            #expect(run.runClass() == .bad, "an open run with \(kind)")
        }
    }

    @Test func `each exclusion alone takes a run out of all counts`() {
        for exclusion in RunFacts.Exclusion.allCases {
            var run = TrustFixture.denied(1)
            run.exclusions = [exclusion]
            #expect(run.runClass() == .notCounted, "\(exclusion)")
        }
        var open = TrustFixture.clean(1)
        open.end = nil
        var empty = TrustFixture.clean(2)
        empty.hasCall = false
        let counted = count([open, empty])
        #expect(open.runClass() == .open && empty.runClass() == .empty)
        #expect(counted.credit == 0 && counted.agentDenials == nil)
    }

    @Test func `a change of a skill halves the credit of the runs before it`() {
        let before = TrustFixture.many(60, templates: 3, days: 5).map { run -> RunFacts in
            var run = run
            run.halvings = 1
            return run
        }
        let after = (0..<9).map {
            TrustFixture.clean(5_000 + $0, template: $0 % 3, day: 20)
        }
        #expect(count(before).credit == 30)
        #expect(count(before + after).credit == 39)
        let twice = before.map { run -> RunFacts in
            var run = run
            run.halvings = 2
            return run
        }
        #expect(count(twice).credit == 15)
    }

    @Test func `one more clean run never takes credit`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(500) {
            let runs = Self.random(&random, bad: 0)
            let more = Self.random(&random, bad: 0, from: 100_000).prefix(1)
            #expect(count(runs + more).credit >= count(runs).credit)
        }
    }

    /// Runs of a few templates and days, of which some have a denial.
    static func random(
        _ random: inout SeededGenerator, bad: Int, from first: Int = 0
    ) -> [RunFacts] {
        (0..<Int.random(in: 1...120, using: &random)).map { number -> RunFacts in
            let template = Int.random(in: 0...4, using: &random)
            let day = Int64.random(in: 0...3, using: &random)
            return Int.random(in: 0..<100, using: &random) < bad
                ? TrustFixture.denied(first + number, template: template, day: day)
                : TrustFixture.clean(
                    first + number, template: template, day: day,
                    granted: Int.random(in: 0...3, using: &random))
        }
    }
}
