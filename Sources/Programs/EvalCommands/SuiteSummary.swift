import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy

/// The report on one suite.
struct SuiteSummary {
    private let suite: Suite
    private let lint: SuiteLint
    private let last: StoredResult?
    private let imports: [StoredImport]
    private let mutants: LintFacts.PolicyMutants?
    private let logged: LoggedBlames?
    private let keys: [EvalKey]
    private let now: Timestamp
    /// The outcomes of agent cases in the last result; empty if its file of outcomes is missing or was changed.
    private let trials: [CaseOutcome]

    /// The changes of the policy that are listed, of those that no case notices.
    private static let mostSurvivors = 20

    /// - Parameters:
    ///   - mutants: nil if no policy case could notice a change.
    ///   - logged: nil if no log was read.
    init(
        _ suite: Suite, _ lint: SuiteLint, _ results: [StoredResult], _ imports: [StoredImport],
        mutants: LintFacts.PolicyMutants?, logged: LoggedBlames?, keys: [EvalKey],
        at now: Timestamp
    ) {
        self.suite = suite
        self.lint = lint
        self.imports = imports
        self.mutants = mutants
        self.logged = logged
        self.keys = keys
        self.now = now
        let newest = results.latest
        last = newest
        trials = (newest?.outcomes()?.cases ?? []).filter { $0.kind == .agent }
    }

    /// The denials and incidents of the agent; nil if no log was read.
    private var blame: LoggedBlame? { logged?.blame(of: suite.agent) }

    /// The cases that were captured from the log since the time of `--since`.
    private func captured(since time: Timestamp) -> Int {
        suite.cases.count { one in one.origins.contains { $0.captured >= time } }
    }

    private var survivors: [String] {
        (mutants?.survivingForbids ?? []) + (mutants?.survivors ?? [])
    }

    private var logLines: [String] {
        guard let logged, let blame else { return ["log: not read; name its deployment by --dir"] }
        let since = logged.since.rfc3339(fractionDigits: 0)
        return [
            "denials since \(since): \(blame.denials)",
            "incidents since \(since): \(blame.incidents)",
            "cases captured since \(since): \(captured(since: logged.since))",
        ]
    }

    private var mutantLines: [String] {
        guard let mutants else { return ["changes of the policy: no policy case passes"] }
        var lines = ["changes of the policy: \(mutants.score)"]
        for survivor in survivors.prefix(Self.mostSurvivors) {
            lines.append("no case notices: " + TerminalEscaping.shown(survivor))
        }
        let more = survivors.count - Self.mostSurvivors
        if more > 0 { lines.append("no case notices \(more) more") }
        return lines
    }

    private var counts: [(caseClass: CaseClass, cases: Int)] {
        CaseClass.allCases.map { one in
            (caseClass: one, cases: suite.cases.count { $0.caseClass == one })
        }
    }

    /// The days since the last review of each case, oldest first; nil if there was none.
    private var ages: [(id: CaseID, days: Int64?)] {
        let today = now.day.daysSince1970
        return suite.cases.map { one in
            (id: one.id, days: one.lastReview.map { today - $0.daysSince1970 })
        }.sorted { ($0.days ?? .max, $0.id) > ($1.days ?? .max, $1.id) }
    }

    private var flaky: [FlakyEntry] {
        let current = suite.flakyCases(on: now.day)
        return suite.flaky.filter { current.contains($0.id) }
    }

    /// The reason of a result that failed by the floor; nil for any other, whose reasons it does not state.
    private func belowFloor(_ result: EvalResult) -> String? {
        guard result.verdict == .fail, result.utility.paired == nil,
            let rate = PassRate(result.utility.passed, of: result.utility.cases)
        else { return nil }
        let lower = rate.wilson.lowerBound
        guard lower < suite.floor.double else { return nil }
        return VerdictReason.belowFloor(lower: lower, floor: suite.floor).text
    }

    /// Lines without line ends.
    var lines: [String] {
        var lines = ["owner: \(suite.owner)"]
        lines += counts.map { "cases of class \($0.caseClass.rawValue): \($0.cases)" }
        lines.append("tools called: \(lint.called) of \(lint.reachable)")
        if let last {
            let age = (now - last.result.ended).inTwoUnits
            lines.append(
                "last result: \(last.result.verdict.rawValue)\(last.result.isPartial ? ", partial" : "")"
                    + ", \(age) old, \(last.result.fingerprint.prefixed)"
                    + (last.signed == nil ? ", not signed" : ""))
            if let reason = belowFloor(last.result) { lines.append("last result: \(reason)") }
        } else {
            lines.append("last result: none")
        }
        lines += trials.map { "trials of \($0.id): \($0.trialsText ?? "")" }
        for one in imports { lines += one.lines(keys, at: now) }
        lines += logLines + mutantLines
        lines += ages.map { one in
            "case \(one.id): "
                + (one.days.map { "reviewed \($0) days ago" } ?? "not reviewed")
        }
        lines += flaky.map {
            "flaky until \($0.expires.text): \($0.id), \($0.owner), "
                + TerminalEscaping.shown($0.reason)
        }
        lines += lint.errors.map { "error: " + TerminalEscaping.shown($0.text) }
        lines += lint.flags.map { "flag: " + $0.line }
        return lines
    }

    var json: JSONValue {
        var classes = JSONObject()
        for (caseClass, cases) in counts { classes[caseClass.rawValue] = .count(cases) }
        let result: JSONValue? = last.map { last in
            [
                "verdict": .string(last.result.verdict.rawValue),
                "partial": .bool(last.result.isPartial),
                "ended": .string(last.result.ended.rfc3339(fractionDigits: 0)),
                "fingerprint": .string(last.result.fingerprint.prefixed),
                "signed": .bool(last.signed != nil),
            ]
        }
        return [
            "agent": .string(suite.agent.text), "owner": .string(suite.owner.address),
            "classes": .object(classes), "called": .count(lint.called),
            "reachable": .count(lint.reachable), "result": result ?? .null,
            "trials": .array(
                trials.map { one in
                    [
                        "id": .string(one.id.text), "passes": .count(one.passes),
                        "trials": .count(one.trials),
                    ]
                }),
            "imports": .array(imports.map { $0.json(keys) }),
            "log": logJSON, "policy_changes": mutantJSON,
            "cases": .array(
                ages.map { one in
                    [
                        "id": .string(one.id.text),
                        "reviewed_days": one.days.map { .integer($0) } ?? .null,
                    ]
                }),
            "flaky": .strings(flaky.map(\.id.text)),
            "errors": .strings(lint.errors.map(\.text)),
            "flags": .array(
                lint.flags.map { flag in
                    ["code": .string(flag.flag.code), "warning": .bool(flag.isWarning)]
                }),
        ]
    }

    private var logJSON: JSONValue {
        guard let logged, let blame else { return .null }
        return [
            "since": .string(logged.since.rfc3339(fractionDigits: 0)),
            "denials": .integer(blame.denials), "incidents": .integer(blame.incidents),
            "captured": .count(captured(since: logged.since)),
        ]
    }

    private var mutantJSON: JSONValue {
        guard let mutants else { return .null }
        return [
            "noticed": .count(mutants.killed), "judged": .count(mutants.judged),
            "survivors": .strings(survivors),
        ]
    }
}
