package import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Command {
    package static let evalReport = Command(
        "eval report [AGENT]", "show what suites contain and their last results",
        example: "interlock eval report refunds",
        options: EvalInput.options + [
            Option("--markdown FILE", "also write it in Markdown"),
            Option("--impact KIND:NAME", "agents that use a `skill`, `prompt`, `model` or `tool`"),
        ],
        exits: [.no, .data, .notFound, .cannotCreate],
        notes: """
            Counts of cases by class, the tools that a case calls, the ages of the last result and of each case, flaky \
            cases, runs of other eval tools, and the flags of `eval lint`. With --impact, the agents that the part \
            shapes, with owners, tiers and whether a result satisfies the gate; exit 1: one of them has none. 66: no \
            agent uses it.
            """
    ) { invocation in
        let input = try EvalInput(invocation)
        if let text = invocation["impact"] {
            guard invocation.positional.isEmpty, !invocation.has("markdown") else {
                throw Failure(
                    .usage, "`--impact` is about all agents",
                    help: "interlock eval report --impact KIND:NAME")
            }
            return try Impact(text).print(input, invocation)
        }
        var markdown: [String] = []
        for folder in try input.suites(invocation) {
            let contents = try folder.read()
            let summary = SuiteSummary(
                contents.suite, try input.lint(contents),
                try StoredResult.all(in: folder.results), try StoredImport.all(in: folder),
                keys: input.policy.document.eval.signers, at: input.now)
            if invocation.isJSON {
                Output.json(summary.json)
            } else {
                for line in summary.lines { Output.line("\(folder.agent) \(line)") }
            }
            markdown += ["## Suite of \(folder.agent)", ""]
            markdown += summary.lines.map { "- " + MarkdownText.code($0) } + [""]
        }
        if let path = invocation["markdown"] {
            try ResultWriter.write(Array(markdown.joined(separator: "\n").utf8), to: path)
        }
        return .ok
    }
}

/// The report on one suite.
private struct SuiteSummary {
    private let suite: Suite
    private let lint: SuiteLint
    private let last: StoredResult?
    private let imports: [StoredImport]
    private let keys: [EvalKey]
    private let now: Timestamp

    init(
        _ suite: Suite, _ lint: SuiteLint, _ results: [StoredResult], _ imports: [StoredImport],
        keys: [EvalKey], at now: Timestamp
    ) {
        self.suite = suite
        self.lint = lint
        self.imports = imports
        self.keys = keys
        self.now = now
        last = results.max { $0.result.ended < $1.result.ended }
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

    /// The outcomes of agent cases in the last result; empty if its file of outcomes is missing or was changed.
    private var trials: [CaseOutcome] {
        (last?.outcomes()?.cases ?? []).filter { $0.kind == .agent }
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
        } else {
            lines.append("last result: none")
        }
        lines += trials.map { "trials of \($0.id): \($0.trialsText ?? "")" }
        for one in imports { lines += one.lines(keys, at: now) }
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
}
