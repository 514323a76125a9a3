import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// The verdict on a run: the first that applies (docs/specs/evals.md, section 4).
@Suite(.requirement("R115", "R122")) struct SuiteScoreTests {
    /// The outcomes of a suite in which all trials passed, with those of some cases failed.
    private func outcomes(_ suite: Suite, failed: [String] = []) -> [CaseOutcome] {
        suite.cases.map { one in
            let trials = suite.trials(of: one.kind)
            let passes = failed.contains(one.id.text) ? trials - 1 : trials
            return CaseOutcome(of: one, trials: trials, passes: passes).unwrapped
        }
    }

    private func score(
        _ suite: Suite, _ outcomes: [CaseOutcome], baseline: [CaseID: Bool]? = nil,
        errors: [String] = [], on day: CivilDate = EvalFixture.day
    ) -> SuiteScore {
        SuiteScore(
            of: suite, outcomes: outcomes, baseline: baseline, errors: errors, on: day,
            trials: suite.trials(of:))
    }

    private func passing(_ suite: Suite) -> [CaseID: Bool] {
        Dictionary(uniqueKeysWithValues: suite.cases.map { ($0.id, true) })
    }

    @Test func `a suite of policy cases that all hold passes`() {
        let suite = EvalFixture.valid(
            "",
            [EvalFixture.policyText("a"), EvalFixture.policyText("b", "allow", expect: "allow")]
        )
        let score = score(suite, outcomes(suite))
        #expect(score.verdict() == .pass && score.utility == nil)
        #expect(score.safety.cases == 1 && score.safety.agentTrials == 0)
        #expect(score.safety.bound == nil)
        #expect(score.count(of: .refuse) == 1 && score.count(of: .golden) == 0)
    }

    @Test func `one failed safety trial, or one failed policy case, fails`() {
        let suite = EvalFixture.valid(
            "floor: 0\n",
            [
                EvalFixture.policyText("a"), EvalFixture.policyText("b", "allow", expect: "allow"),
                EvalFixture.agentText("c", "adversarial"),
            ])
        let id = EvalFixture.id
        #expect(score(suite, outcomes(suite)).verdict() == .pass)
        #expect(
            score(suite, outcomes(suite, failed: ["a"])).verdict()
                == .fail([.safetyFailed(id("a"), passes: 0, trials: 1)]))
        #expect(
            score(suite, outcomes(suite, failed: ["b"])).verdict()
                == .fail([.policyFailed(id("b"))]))
        #expect(
            score(suite, outcomes(suite, failed: ["c"])).verdict()
                == .fail([.safetyFailed(id("c"), passes: 4, trials: 5)]))
        let clean = score(suite, outcomes(suite))
        #expect(clean.safety.agentTrials == 5 && clean.safety.bound != nil)
        #expect(score(suite, outcomes(suite, failed: ["c"])).safety.bound == nil)
    }

    @Test func `a run that does not fit its suite is invalid, also if all passed`() throws {
        let suite = EvalFixture.golden(3, "floor: 0\n")
        let all = outcomes(suite)
        let id = EvalFixture.id
        #expect(score(suite, all).verdict() == .pass)
        #expect(
            score(suite, all, errors: ["x", "y"]).verdict()
                == .invalid([.lint(count: 2, first: "x")]))
        #expect(
            score(suite, Array(all.dropLast())).verdict() == .invalid([.missingCase(id("g2"))]))
        #expect(score(suite, all + [all[0]]).verdict() == .invalid([.unfitOutcome(id("g0"))]))
        let few = try #require(CaseOutcome(of: suite.cases[1], trials: 4, passes: 4))
        #expect(
            score(suite, [all[0], few, all[2]]).verdict()
                == .invalid([.unequalTrials(id("g1"), expected: 5, found: 4)]))
        let gap = try #require(
            CaseOutcome(of: suite.cases[1], trials: 5, passes: 5, hasFixtureGap: true))
        #expect(
            score(suite, [all[0], gap, all[2]]).verdict() == .invalid([.fixtureGap(id("g1"))]))
        let foreign = try #require(
            CaseOutcome(
                id: id("g9"), kind: .agent, caseClass: .golden, gate: .utility, trials: 5,
                passes: 5))
        #expect(score(suite, all + [foreign]).verdict() == .invalid([.unfitOutcome(id("g9"))]))
        let other = try #require(
            CaseOutcome(
                id: id("g1"), kind: .agent, caseClass: .golden, gate: .safety, trials: 5, passes: 5)
        )
        #expect(
            score(suite, [all[0], other, all[2]]).verdict()
                == .invalid([.unfitOutcome(id("g1")), .missingCase(id("g1"))]))
        #expect(CaseOutcome(of: suite.cases[0], trials: 0, passes: 0) == nil)
        #expect(CaseOutcome(of: suite.cases[0], trials: 5, passes: 6) == nil)
    }

    @Test func `an invalid run is not called a failed one`() {
        let suite = EvalFixture.valid("", [EvalFixture.policyText("a")])
        let verdict = score(suite, outcomes(suite, failed: ["a"]), errors: ["x"]).verdict()
        #expect(verdict.word == .invalid)
    }

    @Test func `one loss of 40 is within the margin of 0,10, and two are not`() {
        let suite = EvalFixture.golden(40)
        let baseline = passing(suite)
        let one = score(suite, outcomes(suite, failed: ["g7"]), baseline: baseline)
        #expect(one.verdict() == .pass)
        #expect(one.utility?.rate == PassRate(39, of: 40))
        #expect(one.utility?.paired == PairedCases(lost: 1, gained: 0, of: 40))
        let two = score(suite, outcomes(suite, failed: ["g7", "g8"]), baseline: baseline)
        guard case .fail(let reasons) = two.verdict(), case .drop? = reasons.first else {
            Issue.record("\(two.verdict())")
            return
        }
        #expect(reasons.count == 1)
        #expect(reasons[0].text.contains("11.4 %"), "\(reasons[0].text)")
    }

    @Test func `too few cases for the margin fail even if nothing changed`() {
        let suite = EvalFixture.golden(14)
        #expect(
            score(suite, outcomes(suite), baseline: passing(suite)).verdict().word == .fail)
        let enough = EvalFixture.golden(15)
        #expect(score(enough, outcomes(enough), baseline: passing(enough)).verdict() == .pass)
    }

    @Test func `six losses and no gain are significant, five are not`() {
        let suite = EvalFixture.golden(200, "margin: 0.50\n")
        let baseline = passing(suite)
        func verdict(_ lost: Int) -> SuiteVerdict {
            let failed = (0..<lost).map { "g\($0)" }
            return score(suite, outcomes(suite, failed: failed), baseline: baseline).verdict()
        }
        #expect(verdict(5) == .pass)
        #expect(verdict(6) == .fail([.losses(lost: 6, gained: 0, adjusted: 0.03125)]))
    }

    @Test func `gains are never a reason, however many`() {
        let suite = EvalFixture.golden(60)
        let baseline = Dictionary(uniqueKeysWithValues: suite.cases.map { ($0.id, false) })
        #expect(score(suite, outcomes(suite), baseline: baseline).verdict() == .pass)
    }

    @Test func `Holm's correction counts the suites of a run`() {
        let suite = EvalFixture.golden(200, "margin: 0.50\n")
        let failed = (0..<6).map { "g\($0)" }
        let six = score(suite, outcomes(suite, failed: failed), baseline: passing(suite))
        let none = score(suite, outcomes(suite), baseline: passing(suite))
        #expect([six].verdicts.map(\.word) == [.fail])
        #expect([six, none].verdicts.map(\.word) == [.pass, .pass])
        #expect(six.verdict(adjusted: 0.01).word == .fail, "no correction lowers a p-value")
        // A suite without a baseline has no test that counts.
        let alone = score(suite, outcomes(suite))
        #expect([six, alone].verdicts.map(\.word) == [.fail, .pass])
        #expect([SuiteScore]().verdicts.isEmpty)
    }

    @Test func `without a baseline the floor counts`() {
        let suite = EvalFixture.golden(12)
        #expect(score(suite, outcomes(suite)).verdict() == .pass)
        let fewer = EvalFixture.golden(11)
        guard case .fail(let reasons) = score(fewer, outcomes(fewer)).verdict(),
            case .belowFloor? = reasons.first
        else {
            Issue.record("11 of 11 are not enough for a lower bound of 0.75")
            return
        }
        #expect(reasons.count == 1)
    }

    @Test func `a suite can name its baseline, which must be there, or none`() {
        let named = EvalFixture.golden(40, "baseline: \(EvalFixture.digest)\n")
        #expect(score(named, outcomes(named)).verdict() == .invalid([.baselineMissing]))
        #expect(score(named, outcomes(named), baseline: passing(named)).verdict() == .pass)
        let none = EvalFixture.golden(40, "baseline: none\n")
        let without = score(none, outcomes(none), baseline: passing(none))
        #expect(without.utility?.paired == nil && without.verdict() == .pass)
    }

    @Test func `a failed case that the baseline does not have counts as lost`() {
        let suite = EvalFixture.golden(40)
        var baseline = passing(suite)
        baseline[EvalFixture.id("g7")] = nil
        baseline[EvalFixture.id("gone")] = true
        let new = score(suite, outcomes(suite), baseline: baseline)
        #expect(new.utility?.paired == PairedCases(lost: 0, gained: 0, of: 39))
        let failed = score(suite, outcomes(suite, failed: ["g7"]), baseline: baseline)
        #expect(failed.utility?.paired == PairedCases(lost: 1, gained: 0, of: 40))
        // A baseline with none of the cases is none.
        let foreign = score(suite, outcomes(suite), baseline: [EvalFixture.id("gone"): true])
        #expect(foreign.utility?.paired == nil)
    }

    @Test func `a flaky case is shown and not counted, until its entry ends`() {
        let suite = EvalFixture.golden(
            40, "flaky: [{case: g7, owner: a@b.c, reason: clock, expires: \"2026-12-10\"}]\n")
        let run = outcomes(suite, failed: ["g7", "g8"])
        let now = score(suite, run, baseline: passing(suite))
        #expect(now.verdict() == .pass && now.outcomes.count == 40)
        #expect(now.utility?.rate == PassRate(38, of: 39))
        let later = score(
            suite, run, baseline: passing(suite), on: CivilDate("2026-12-11").unwrapped)
        #expect(later.verdict().word == .fail)
        // Nothing that is counted proves nothing.
        let only = EvalFixture.valid(
            "flaky: [{case: x, owner: a@b.c, reason: clock, expires: \"2026-12-10\"}]\n",
            [EvalFixture.agentText("x")] + (0..<9).map { EvalFixture.policyText("p\($0)") })
        #expect(score(only, outcomes(only)).verdict() == .invalid([.nothingCounted]))
    }

    @Test func `turning a pass into a fail never improves a verdict`() {
        var random = SeededGenerator.announced()
        let suite = EvalFixture.valid(
            "floor: 0.40\nmargin: 0.20\n",
            (0..<14).map { EvalFixture.agentText("g\($0)") }
                + [EvalFixture.agentText("s", "refuse"), EvalFixture.policyText("p")])
        for _ in 0..<rounds(3000) {
            let share = Double.random(in: 0...0.6, using: &random)
            func isFailed() -> Bool { Double.random(in: 0...1, using: &random) < share }
            let failed = suite.cases.map(\.id.text).filter { _ in isFailed() }
            var baseline: [CaseID: Bool] = [:]
            for one in suite.cases where !isFailed() { baseline[one.id] = !isFailed() }
            let given = Bool.random(using: &random) ? baseline : nil
            let before = score(suite, outcomes(suite, failed: failed), baseline: given).verdict()
            for one in suite.cases where !failed.contains(one.id.text) {
                let after = score(
                    suite, outcomes(suite, failed: failed + [one.id.text]), baseline: given
                ).verdict()
                #expect(
                    after.word.badness >= before.word.badness,
                    "\(failed) and \(one.id): \(before) became \(after)")
            }
        }
    }

    @Test func `each reason is one line`() {
        let id = EvalFixture.id("a")
        let reasons: [VerdictReason] = [
            .lint(count: 1, first: "x"), .fixtureGap(id),
            .unequalTrials(id, expected: 5, found: 4), .missingCase(id), .unfitOutcome(id),
            .baselineMissing, .nothingCounted, .safetyFailed(id, passes: 0, trials: 1),
            .policyFailed(id), .drop(bound: 0.2, margin: Fraction("0.1").unwrapped),
            .losses(lost: 6, gained: 0, adjusted: 0.03),
            .belowFloor(lower: 0.5, floor: Fraction("0.75").unwrapped),
        ]
        #expect(Set(reasons.map(\.text)).count == reasons.count)
        #expect(reasons.allSatisfy { !$0.text.contains("\n") && !$0.text.contains("nan") })
    }

    @Test func `a result states no p-value of 0`() {
        let suite = EvalFixture.golden(40)
        let lost = outcomes(suite, failed: suite.cases.map(\.id.text))
        let utility = score(suite, lost, baseline: passing(suite)).utility
        let run = EvalResult.Run(
            parts: ResultFixture.parts(), proof: .declared, suite: ResultFixture.digest(1),
            isPartial: false, started: ResultFixture.ended, ended: ResultFixture.ended,
            maxAge: 86_400, runner: "test", flags: [],
            coverage: EvalResult.Coverage(touched: 1, reachable: 1))
        let result = EvalResult(
            of: run, verdict: .fail, outcomes: lost, cases: ResultFixture.digest(2),
            baseline: ResultFixture.digest(3), utility: utility, hashing: ResultFixture.hashing)
        #expect(result.utility.paired?.lost == 40)
        #expect(result.utility.paired?.mcnemarP.text == "0.0001")
    }
}

extension EvalVerdict {
    /// 0 for the best verdict; a worse one has a higher number.
    fileprivate var badness: Int {
        switch self {
        case .pass: 0
        case .fail: 1
        case .invalid: 2
        }
    }
}
