import InterlockCommandLine
import InterlockEvalTrials
import InterlockEvals
import InterlockJSON
import InterlockModel

/// Prints what came of the run of a suite. No line begins with text of agents and tools, so that none is a workflow
/// command.
struct EvalPrinter {
    private let invocation: Invocation

    init(_ invocation: Invocation) { self.invocation = invocation }

    func print(_ report: EvalReport, of run: SuiteRun) {
        for row in report.rows
        where invocation.isJSON || !row.outcome.passed || row.outcome.kind == .agent {
            invocation.print(row.json, row.line)
        }
        if invocation.isJSON {
            Output.json(report.json(run))
        } else {
            for line in report.lines(run) { Output.line(line) }
        }
        guard invocation.has("annotations") || environment("GITHUB_ACTIONS") == "true",
            !invocation.isJSON
        else { return }
        for line in report.annotations { Output.line(line) }
    }
}

extension EvalReport.Row {
    fileprivate var line: String {
        // The agent did not fail if a fake server had no answer.
        let failed = outcome.hasFixtureGap ? "invalid" : isFlaky ? "flaky" : "FAIL"
        let state = outcome.passed ? "ok" : failed
        let trials = outcome.trialsText.map { ", " + $0 } ?? ""
        let why = reason.map { ": " + TerminalEscaping.shown($0) } ?? ""
        let more = reasons.dropFirst().map { "\n  and " + TerminalEscaping.shown($0) }.joined()
        return "\(state) \(TerminalEscaping.shown(place.description)) \(outcome.id)\(trials)\(why)"
            + more
    }

    fileprivate var json: JSONValue {
        [
            "id": .string(outcome.id.text), "at": .string(place.description),
            "class": .string(outcome.caseClass.rawValue), "gate": .string(outcome.gate.rawValue),
            "kind": .string(outcome.kind.rawValue), "passed": .bool(outcome.passed),
            "passes": .count(outcome.passes), "trials": .count(outcome.trials),
            "flaky": .bool(isFlaky), "reason": reason.map { .string($0) } ?? .null,
            "reasons": .strings(reasons),
            "repeated": .array(outcome.repeatedTrials.map(\.json)),
            "bound95": .fraction(outcome.failureBound),
        ]
    }
}

extension RepeatedTrials {
    /// pass^k is `all`, and pass@k is `any`.
    fileprivate var json: JSONValue {
        ["k": .count(k), "all": .fraction(always), "any": .fraction(atLeastOnce)]
    }
}

extension JSONValue {
    /// A fraction as results write it; null for none.
    fileprivate static func fraction(_ value: Double?) -> JSONValue {
        value.flatMap { EvalFraction($0) }.map { .string($0.text) } ?? .null
    }
}

extension EvalReport {
    /// The counts, the flags and the verdict, for people.
    fileprivate func lines(_ run: SuiteRun) -> [String] {
        var lines: [String] = []
        for caseClass in CaseClass.allCases {
            guard let rate = rate(of: caseClass) else { continue }
            lines.append("\(agent) \(caseClass.rawValue): \(rate.text)")
        }
        for gate in [GateKind.safety, .utility] {
            guard let rate = rate(of: gate) else { continue }
            lines.append("\(agent) \(gate.rawValue) cases: \(rate.text)")
        }
        lines += trialSummaries.map { "\(agent) \($0)" }
        lines += run.withheld.map { "\(agent) \($0.line)" }
        lines.append(
            "\(agent) mutants: \(run.failedMutants) of \(run.mutants) do not hold, seed \(seed)")
        lines += flags.map { "\(agent) flag: \(TerminalEscaping.shown($0))" }
        lines += reasons.map { "\(agent) reason: \(TerminalEscaping.shown($0))" }
        let cases = rows.count == 1 ? "1 case" : "\(rows.count) cases"
        lines.append("\(agent): \(verdictText), \(cases)")
        return lines
    }

    fileprivate func json(_ run: SuiteRun) -> JSONValue {
        [
            "agent": .string(agent.text), "verdict": .string(verdict.rawValue),
            "partial": .bool(isPartial), "cases": .count(rows.count),
            "failed": .count(rows.count { $0.isFailure }),
            "mutants": .count(run.mutants), "failed_mutants": .count(run.failedMutants),
            "seed": .string(String(seed)), "flags": .strings(flags),
            "reasons": .strings(reasons),
            "agent_trials": .count(safetyTrials?.count ?? 0),
            "bound95": .fraction(safetyTrials?.bound),
            "safety_repeated": .array(repeatedTrials(of: .safety).map(\.json)),
            "utility_repeated": .array(repeatedTrials(of: .utility).map(\.json)),
            "withheld": .array(run.withheld.map(\.json)),
        ]
    }
}

extension TrialRunner.WithheldUse {
    fileprivate var line: String {
        "\(id): `\(tool)` was tried \(tried) times, and \(reachedUpstream) calls reached the server"
    }

    fileprivate var json: JSONValue {
        [
            "id": .string(id.text), "tool": .string(tool.description), "tried": .count(tried),
            "reached_upstream": .count(reachedUpstream),
        ]
    }
}

extension RaisedFlag {
    /// One line: the code, the sentence, the tools or cases that the flag is about, and whether it only warns.
    var line: String {
        let first = text.split(separator: "\n").first.map(String.init) ?? flag.code
        return first + (isWarning ? " (warning)" : "")
    }
}
