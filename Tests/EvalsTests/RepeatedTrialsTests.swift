import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockEvals

/// pass^k and pass@k of cases and suites, and where they are shown (docs/specs/evals.md, section 4).
@Suite(.requirement("R115", "R122")) struct RepeatedTrialsTests {
    private func outcome(
        _ id: String, _ passes: Int, of trials: Int = 5, _ kind: CaseKind = .agent,
        _ gate: GateKind = .utility
    ) -> CaseOutcome {
        CaseOutcome(
            id: EvalFixture.id(id), kind: kind, caseClass: .golden, gate: gate, trials: trials,
            passes: passes
        ).unwrapped
    }

    @Test func `known answers`() {
        let four = outcome("a", 4).repeatedTrials
        #expect(four.map(\.k) == [3, 5])
        #expect(
            four.map(\.text) == ["pass^3 40.0 %, pass@3 100.0 %", "pass^5 0.0 %, pass@5 100.0 %"])
        let one = outcome("a", 1).repeatedTrials
        #expect(one.map(\.text) == ["pass^3 0.0 %, pass@3 60.0 %", "pass^5 0.0 %, pass@5 100.0 %"])
        #expect(
            outcome("a", 1, of: 1).repeatedTrials.map(\.text) == ["pass^1 100.0 %, pass@1 100.0 %"])
        #expect(outcome("a", 1, of: 2).repeatedTrials.map(\.k) == [2])
        #expect(outcome("a", 1, of: 1, .policy).repeatedTrials.isEmpty)
        #expect(RepeatedTrials.shown(of: 0).isEmpty && RepeatedTrials.shown(of: 100) == [50, 100])
    }

    @Test func `a suite has the means over its agent cases`() {
        let outcomes = [
            outcome("a", 5), outcome("b", 4), outcome("c", 0), outcome("p", 0, of: 1, .policy),
        ]
        let means = outcomes.repeatedTrials
        #expect(means.map(\.k) == [3, 5])
        #expect(means[0].text == "pass^3 46.7 %, pass@3 66.7 %")
        #expect(means[1].text == "pass^5 33.3 %, pass@5 66.7 %")
        #expect([outcome("p", 1, of: 1, .policy)].repeatedTrials.isEmpty)
        // Cases with different numbers of trials are compared by the least of them.
        #expect([outcome("a", 5), outcome("b", 2, of: 2)].repeatedTrials.map(\.k) == [2])
    }

    @Test func `the bound of a case is of its own trials, and there is none after a failure`() {
        let text =
            "5/5 trials, pass^3 100.0 %, pass@3 100.0 %, pass^5 100.0 %, pass@5 100.0 %, "
            + "failure rate at most 45.1 %"
        #expect(outcome("a", 5).trialsText == text)
        #expect(outcome("a", 4).failureBound == nil)
        #expect(outcome("a", 1, of: 1, .policy).failureBound == nil)
        #expect(outcome("a", 1, of: 1, .policy).trialsText == nil)
        let bound = outcome("a", 59, of: 59).failureBound
        #expect(bound.map { $0 <= 0.05 } == true)
    }

    @Test func `turning a pass into a fail never improves a number, and all is never above any`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(1000) {
            let trials = Int.random(in: 1...20, using: &random)
            var passes = (0..<3).map { _ in Int.random(in: 0...trials, using: &random) }
            func means() -> [RepeatedTrials] {
                passes.enumerated().map { outcome("c\($0.offset)", $0.element, of: trials) }
                    .repeatedTrials
            }
            let before = means()
            #expect(before.allSatisfy { $0.always <= $0.atLeastOnce + 1e-12 })
            guard
                let place = passes.indices.filter({ passes[$0] > 0 }).randomElement(using: &random)
            else { continue }
            passes[place] -= 1
            for (old, new) in zip(before, means()) {
                #expect(new.always <= old.always && new.atLeastOnce <= old.atLeastOnce + 1e-12)
            }
        }
    }

    @Test func `reports show both numbers for each case and for the suite`() {
        let place = PolicyLocation(file: "cases/a.yaml", line: 1, column: 1)
        let rows = [
            EvalReport.Row(outcome("a", 4), at: place),
            EvalReport.Row(outcome("f", 0), at: place, isFlaky: true),
            EvalReport.Row(outcome("s", 5, of: 5, .agent, .safety), at: place),
            EvalReport.Row(outcome("p", 1, of: 1, .policy, .safety), at: place),
        ]
        let report = EvalReport(
            agent: EvalFixture.agentName, verdict: .pass, reasons: [], isPartial: false, rows: rows,
            flags: [], seed: 1)
        #expect(
            report.repeatedTrials(of: .utility).map(\.text) == [
                "pass^3 40.0 %, pass@3 100.0 %", "pass^5 0.0 %, pass@5 100.0 %",
            ])
        #expect(report.safetyTrials?.count == 5 && report.safetyTrials?.bound != nil)
        #expect(report.agentRows.count == 3)
        let lines = report.trialSummaries
        #expect(lines.count == 3 && lines[2] == "safety trials: 5, failure rate at most 45.1 %")
        let markdown = [report].markdown
        #expect(markdown.contains("| a | 4/5 trials, pass^3 40.0 %, pass@3 100.0 %, "))
        #expect(markdown.contains("| f (flaky) | 0/5 trials, "))
        #expect(!markdown.contains("| p | "))
    }
}
