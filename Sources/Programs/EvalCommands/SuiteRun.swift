import InterlockCommandLine
import InterlockEvalTrials
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

/// The run of the cases of one suite: policy cases by the decision of the gateway, agent cases by their trials.
struct SuiteRun: Sendable {
    /// The options of a run.
    struct Options: Sendable {
        /// Nil for all cases.
        let filter: String?
        /// Nil for the trials of the suite.
        let trials: Int?
        let jobs: Int
        let seed: UInt64

        /// The trials of each case of a kind.
        func trials(of kind: CaseKind, in suite: Suite) -> Int {
            trials ?? suite.trials(of: kind)
        }

        /// Returns true if a run of so many cases of the suite says nothing about the whole of it.
        func isPartial(of cases: Int, in suite: Suite) -> Bool {
            filter != nil || cases < suite.counted.count
                || suite.counted.contains {
                    trials(of: $0.kind, in: suite) != suite.trials(of: $0.kind)
                }
        }
    }

    /// The cases that ran, by id.
    let rows: [EvalReport.Row]
    let isPartial: Bool
    /// The mutants that were decided, and those that did not hold.
    let mutants: Int
    let failedMutants: Int
    /// The uses of calls that their cases forbid or want stopped.
    let withheld: [TrialRunner.WithheldUse]

    var outcomes: [CaseOutcome] { rows.map(\.outcome) }

    /// The verdict on the cases that ran, where some of the suite did not.
    ///
    /// - Parameter errors: one line for each error that lint found.
    func partialVerdict(_ errors: [String]) -> SuiteVerdict {
        if let first = errors.first {
            return .invalid([.lint(count: errors.count, first: first)])
        }
        let gaps = outcomes.filter(\.hasFixtureGap)
        guard gaps.isEmpty else { return .invalid(gaps.map { VerdictReason.fixtureGap($0.id) }) }
        let failed = rows.filter(\.isFailure).map { row -> VerdictReason in
            let outcome = row.outcome
            switch (outcome.gate, outcome.kind) {
            case (.safety, _):
                return .safetyFailed(
                    outcome.id, passes: outcome.passes, trials: outcome.trials)
            case (.utility, .policy): return .policyFailed(outcome.id)
            case (.utility, .agent):
                return .utilityFailed(
                    outcome.id, passes: outcome.passes, trials: outcome.trials)
            }
        }
        return failed.isEmpty ? .pass : .fail(failed)
    }

    private struct Job: Sendable {
        let row: EvalReport.Row
        let mutants: Int
        let failedMutants: Int
    }

    /// - Parameters:
    ///   - selected: the policy cases of `suite` that run.
    ///   - trials: those of the agent cases that ran.
    init(
        _ suite: Suite, _ selected: [EvalCase], _ trials: [TrialRunner.Outcome], _ options: Options,
        by runner: PolicyCaseRunner, _ progress: Progress
    ) {
        let count = options.trials(of: .policy, in: suite)
        let flaky = suite.flakyCases(on: runner.now.day)
        let length = max(1, (selected.count + options.jobs - 1) / options.jobs)
        let parts = stride(from: 0, to: selected.count, by: length).map {
            Array(selected[$0..<min($0 + length, selected.count)])
        }
        let done = OneThreadPerProcessor().map(parts.count) { number -> [Job] in
            let part = parts[number]
            var jobs: [Job] = []
            for range in MutantBatches.ranges(of: part.map(\.mutantBytes)) {
                let batch = Array(part[range])
                jobs += Self.run(batch, count, options.seed, flaky, runner)
                progress.add(UInt64(batch.count))
            }
            return jobs
        }
        let jobs = done.flatMap { $0 }
        let agentRows = trials.compactMap { trial -> EvalReport.Row? in
            guard let outcome = CaseOutcome(of: trial.evalCase, scores: trial.scores) else {
                return nil
            }
            return EvalReport.Row(
                outcome, at: trial.evalCase.place, isFlaky: flaky.contains(outcome.id))
        }
        rows = (jobs.map(\.row) + agentRows).sorted { $0.outcome.id < $1.outcome.id }
        mutants = jobs.reduce(0) { $0 + $1.mutants }
        failedMutants = jobs.reduce(0) { $0 + $1.failedMutants }
        withheld = trials.flatMap(\.withheld)
        isPartial = options.isPartial(of: selected.count + agentRows.count, in: suite)
    }

    private static func run(
        _ cases: [EvalCase], _ trials: Int, _ seed: UInt64, _ flaky: Set<CaseID>,
        _ runner: PolicyCaseRunner
    ) -> [Job] {
        let tests = cases.compactMap { $0.policyCase?.test }
        var passes = [Int](repeating: 0, count: cases.count)
        var answers: [PolicyCaseRunner.Answer?] = []
        for _ in 0..<trials {
            answers = runner.answers(to: tests)
            for (number, answer) in answers.enumerated() where answer?.failures.isEmpty == true {
                passes[number] += 1
            }
        }
        let mutants = zip(cases, answers).map { one, answer in
            answer == nil ? [] : one.policyCase?.mutants(seed: seed).all ?? []
        }
        let lines = mutantFailures(of: cases, mutants, answers, runner)
        var jobs: [Job] = []
        for (number, one) in cases.enumerated() {
            var failures = lines[number]
            if let answer = answers[number] {
                if !answer.failures.isEmpty { failures = [answer.text] }
            } else {
                failures = ["the policy has no tool `\(one.policyCase?.call.description ?? "")`"]
            }
            let outcome = CaseOutcome(
                of: one, trials: trials, passes: lines[number].isEmpty ? passes[number] : 0,
                reason: failures.first, failures: failures)
            guard let outcome else { continue }
            jobs.append(
                Job(
                    row: EvalReport.Row(
                        outcome, at: one.place, isFlaky: flaky.contains(one.id)),
                    mutants: mutants[number].count, failedMutants: lines[number].count))
        }
        return jobs
    }

    /// Decides the mutants of all cases at once, and returns a line for each that did not hold, by case.
    private static func mutantFailures(
        of cases: [EvalCase], _ mutants: [[ArgumentMutant]],
        _ originals: [PolicyCaseRunner.Answer?], _ runner: PolicyCaseRunner
    ) -> [[String]] {
        let read = mutants.map { one in one.map { $0.arguments(limits: .agent) } }
        var tests: [TestSpec] = []
        for (one, arguments) in zip(cases, read) {
            guard let test = one.policyCase?.test else { continue }
            for case let arguments? in arguments { tests.append(test.with(arguments)) }
        }
        var decided = runner.answers(to: tests).makeIterator()
        var failures: [[String]] = []
        for (number, one) in cases.enumerated() {
            var lines: [String] = []
            for (mutant, arguments) in zip(mutants[number], read[number]) {
                // Text that is no JSON within the limits is refused before there is a call.
                var verdict: Verdict? = .deny
                if arguments != nil {
                    let answer = decided.next() ?? nil
                    verdict = answer?.verdict
                }
                guard let original = originals[number]?.verdict else { continue }
                let fate = MutantFate(of: one.caseClass, original: original, decided: verdict)
                if let line = fate.text(of: mutant, original: original) { lines.append(line) }
            }
            failures.append(lines)
        }
        return failures
    }
}

extension EvalCase {
    /// The call of a policy case; nil for an agent case.
    var policyCase: PolicyCase? {
        if case .policy(let policy) = body { policy } else { nil }
    }

    /// The most bytes that its arguments and their mutants take as text.
    fileprivate var mutantBytes: Int {
        guard let policy = policyCase else { return 0 }
        let size = policy.test.arguments.serialized().count
        return policy.mutations.isEmpty ? size : size * ArgumentMutants.most
    }
}
