import InterlockCommandLine
import InterlockConfiguration
import InterlockCredentials
import InterlockEvalTrials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockScanning

/// One `interlock eval run`.
struct EvalRun {
    private let invocation: Invocation
    private let input: EvalInput
    private let options: SuiteRun.Options
    private let kind: Kind
    /// The longest time of one trial of an agent case.
    private let timeout: Duration
    /// The key that signs the results; nil for none.
    private let signer: ListedKey?

    private enum Kind: String, CaseIterable {
        case policy, agent, all

        func includes(_ kind: CaseKind) -> Bool {
            switch self {
            case .policy: kind == .policy
            case .agent: kind == .agent
            case .all: true
            }
        }
    }

    /// A suite with what a run selects of it.
    private struct Selected {
        let folder: SuiteFolder
        let contents: SuiteFolder.Contents
        let lint: SuiteLint
        let policyCases: [EvalCase]
        /// Is nil if no agent case is selected.
        let trials: AgentTrials?
        /// Is nil for a partial run, and if there is none.
        let baseline: Baseline?
    }

    /// The result that a suite is compared with.
    private struct Baseline {
        let stored: StoredResult
        /// The cases, each with true if it passed.
        let passed: [CaseID: Bool]
    }

    /// A suite that ran.
    private struct Done {
        let folder: SuiteFolder
        let contents: SuiteFolder.Contents
        let lint: SuiteLint
        let run: SuiteRun
        /// Is nil for a partial run, which has no verdict on the suite.
        let score: SuiteScore?
        let baseline: StoredResult?
        /// The parts of the fingerprint before the first case; nil if no result is written.
        let parts: AgentFingerprint?
        let started: Timestamp
        let ended: Timestamp
    }

    init(_ invocation: Invocation) throws(Failure) {
        self.invocation = invocation
        input = try EvalInput(invocation)
        kind =
            try invocation["kind"].map { (text) throws(Failure) -> Kind in
                try Invocation.choice(text, "kind")
            } ?? .all
        options = SuiteRun.Options(
            filter: invocation["case"], trials: try invocation.number("trials", in: 1...100),
            jobs: try invocation.number("jobs", in: 1...64) ?? 4,
            seed: UInt64(try invocation.number("seed", in: 0...Int.max) ?? 1))
        timeout =
            try invocation["timeout"].map { (text) throws(Failure) -> Duration in
                try Invocation.parsed(
                    text, "no duration from 1s to 1d", help: "write 300s, 10m or 1h", .usage
                ) { stated -> Duration? in
                    guard let seconds = secondsOf(stated), (1...86_400).contains(seconds) else {
                        return nil
                    }
                    return .seconds(seconds)
                }
            } ?? TrialRunner.usualTimeout
        if invocation.positional.isEmpty {
            for option in ["out", "fingerprint", "starter"] where invocation.has(option) {
                throw Failure(
                    .usage, "`--\(option)` is for one agent",
                    help: "interlock eval run AGENT --\(option)")
            }
        }
        if invocation.has("fingerprint"), !invocation.has("out"), !invocation.has("sign") {
            throw Failure(
                .usage, "`--fingerprint` is for a result that is written",
                help: "add --sign FILE, --sign agent or --out FILE")
        }
        if invocation.has("annotations"), invocation.isJSON {
            throw Failure(.usage, "`--annotations` cannot be used with `--json`")
        }
        // A key that does not count is refused before a case runs.
        let listed = input.policy.document.eval.signers
        signer = try invocation["sign"].map { (choice) throws(Failure) -> ListedKey in
            try ListedKey(choice, among: listed, "signers")
        }
    }

    func run() async throws(Failure) -> Exit {
        let checks = try await ArgumentChecks(input)
        let runner = PolicyCaseRunner(policy: input.policy, checks: checks, now: input.now)
        if invocation.has("starter"), let name = invocation.positional.first {
            try StarterSuite.prepare(name, input, runner)
        }
        let folders = try input.suites(invocation)
        // All suites are read before one is run, so that an invalid one costs no time.
        var read: [(SuiteFolder, SuiteFolder.Contents)] = []
        for folder in folders { read.append((folder, try folder.read())) }
        let hasAgentCases = read.contains { !selected(.agent, of: $0.1.suite).isEmpty }
        let running: RunningCommands? = try hasAgentCases ? RunningCommands() : nil
        var all: [Selected] = []
        for (folder, contents) in read {
            all.append(try prepare(folder, contents, checks, running))
        }
        var done: [Done] = []
        for one in all { done.append(try await run(one, runner)) }
        return try finish(done)
    }

    /// The cases of a kind that the command line selects.
    private func selected(_ kind: CaseKind, of suite: Suite) -> [EvalCase] {
        guard self.kind.includes(kind) else { return [] }
        let glob = options.filter.map { Glob($0) }
        return suite.counted.filter { $0.kind == kind && (glob?.matches($0.id.text) ?? true) }
    }

    /// - Throws: exit 66 if no case is selected, 65 for agent cases of a suite with errors, 69 if the command of the
    ///   suite cannot be started.
    private func prepare(
        _ folder: SuiteFolder, _ contents: SuiteFolder.Contents, _ checks: ArgumentChecks,
        _ running: RunningCommands?
    ) throws(Failure) -> Selected {
        let suite = contents.suite
        let lint = try input.lint(contents)
        if !invocation.isJSON, let note = input.stageNote(of: suite.agent) { Output.error(note) }
        for draft in suite.cases where draft.isDraft {
            Output.error("note: `\(draft.id)` is a draft, and is not run before it is confirmed")
        }
        let policyCases = selected(.policy, of: suite)
        let agentCases = selected(.agent, of: suite)
        guard kind != .agent || suite.counted.contains(where: { $0.kind == .agent }) else {
            throw Failure(.notFound, "the suite of `\(suite.agent)` has no agent case")
        }
        guard !policyCases.isEmpty || !agentCases.isEmpty else {
            throw Failure(.notFound, "no case of `\(suite.agent)` is selected")
        }
        var trials: AgentTrials?
        if !agentCases.isEmpty, let running {
            // Trials take minutes, and those of an invalid suite prove nothing.
            guard lint.errors.isEmpty else {
                throw Failure(
                    .data,
                    "the suite is invalid\n" + lint.errors.map(\.text).joined(separator: "\n"))
            }
            trials = try AgentTrials(
                agentCases, of: contents, under: input.policy, results: checks.scanner,
                running: running, timeout: timeout)
        }
        // The baseline is read before any command is started: an agent could write one that it does better than.
        let count = policyCases.count + agentCases.count
        return Selected(
            folder: folder, contents: contents, lint: lint, policyCases: policyCases,
            trials: trials,
            baseline: try options.isPartial(of: count, in: suite)
                ? nil : baseline(of: suite, in: folder))
    }

    private func run(
        _ selected: Selected, _ runner: PolicyCaseRunner
    ) async throws(Failure) -> Done {
        let (folder, contents) = (selected.folder, selected.contents)
        let started = SystemClock().now.wall
        let suite = contents.suite
        let parts: AgentFingerprint? =
            try isWritten
            ? input.fingerprint(of: suite.agent, manifest: invocation["fingerprint"]) : nil
        let trials =
            try await selected.trials?.run(
                trials: options.trials(of: .agent, in: suite), jobs: options.jobs) ?? []
        let progress = Progress(
            "cases of \(suite.agent)", of: UInt64(selected.policyCases.count))
        let ran = SuiteRun(
            suite, selected.policyCases, trials, options, by: runner, progress)
        progress.end()
        let score: SuiteScore? =
            ran.isPartial
            ? nil
            : SuiteScore(
                of: suite, outcomes: ran.outcomes, baseline: selected.baseline?.passed,
                errors: selected.lint.errors.map(\.text), on: input.now.day
            ) { suite.trials(of: $0) }
        return Done(
            folder: folder, contents: contents, lint: selected.lint, run: ran, score: score,
            // A clock that is set back meanwhile must not end the run before its start.
            baseline: ran.isPartial ? nil : selected.baseline?.stored, parts: parts,
            started: started,
            ended: max(started, SystemClock().now.wall))
    }

    /// The result that the suite is compared with; nil if there is none.
    ///
    /// - Throws: exit 65 if a file is no result, or the outcomes of the baseline are missing.
    private func baseline(
        of suite: Suite, in folder: SuiteFolder
    ) throws(Failure) -> Baseline? {
        let results = try StoredResult.all(in: folder.results).filter {
            $0.result.agent == suite.agent && !$0.result.isPartial
        }
        let found: StoredResult?
        switch suite.baseline {
        case .floorOnly: found = nil
        case .result(let digest): found = results.first { $0.digest == digest }
        case .lastPass:
            found = results.filter { $0.result.verdict == .pass && isFromListedKey($0) }
                .max { $0.result.ended < $1.result.ended }
        }
        guard let stored = found else { return nil }
        guard let outcomes = stored.outcomes() else {
            throw Failure(
                .data,
                "the outcomes of the baseline `\(TerminalEscaping.shown(stored.path))` are "
                    + "missing, or were changed",
                help: "restore `\(stored.result.cases.hex)\(StoredResult.casesEnding)` in its "
                    + "folder, or state `baseline: none`")
        }
        return Baseline(stored: stored, passed: outcomes.passed)
    }

    /// Returns true if a listed key signed the result, or the policy lists none: a branch could bring a result that every
    /// run is as good as.
    private func isFromListedKey(_ stored: StoredResult) -> Bool {
        let keys = input.policy.document.eval.signers
        guard !keys.isEmpty else { return true }
        let signers = stored.signed?.signers(among: keys, verifiedBy: OpenSSLVerifier()) ?? []
        return !signers.isEmpty
    }

    /// Prints and writes what came of the runs.
    private func finish(_ done: [Done]) throws(Failure) -> Exit {
        let scored = done.compactMap(\.score).verdicts
        var next = scored.makeIterator()
        var reports: [EvalReport] = []
        for one in done {
            let verdict =
                one.score == nil ? one.run.partialVerdict(one.lint.errors.map(\.text)) : next.next()
            reports.append(report(of: one, verdict ?? .invalid([])))
        }
        try writeReports(reports)
        for (one, report) in zip(done, reports) { try write(one, report) }
        for (one, report) in zip(done, reports) {
            EvalPrinter(invocation).print(report, of: one.run)
        }
        if reports.contains(where: { $0.verdict == .invalid }) { return .data }
        return reports.allSatisfy { $0.verdict == .pass } ? .ok : .no
    }

    private func report(of one: Done, _ verdict: SuiteVerdict) -> EvalReport {
        EvalReport(
            agent: one.contents.suite.agent, verdict: verdict.word,
            reasons: verdict.reasons.map(\.text), isPartial: one.run.isPartial,
            rows: one.run.rows, flags: one.lint.flags.map(\.line), seed: options.seed)
    }

    private func writeReports(_ reports: [EvalReport]) throws(Failure) {
        if let path = invocation["junit"] {
            try ResultWriter.write(Array(reports.junit.utf8), to: path)
        }
        if let path = invocation["markdown"] {
            try ResultWriter.write(Array(reports.markdown.utf8), to: path)
        }
    }

    private var isWritten: Bool { invocation.has("out") || invocation.has("sign") }

    /// Writes the result of one suite, if the command line asks for it.
    ///
    /// - Throws: exit 65 if a file of the fingerprint changed while the cases ran: the result would be of neither.
    private func write(_ one: Done, _ report: EvalReport) throws(Failure) {
        guard let before = one.parts else { return }
        let suite = one.contents.suite
        let parts = try input.fingerprint(of: suite.agent, manifest: invocation["fingerprint"])
        guard parts == before else {
            throw Failure(
                .data, "what shapes `\(suite.agent)` changed during the run: no result is written",
                help: "run it again")
        }
        let tier = input.policy.agents[suite.agent]?.tier ?? .high
        let run = EvalResult.Run(
            parts: parts, proof: .declared, suite: one.contents.digest,
            isPartial: report.isPartial, started: one.started, ended: one.ended,
            maxAge: suite.maxAge(at: tier).components.seconds,
            runner: "interlock \(Product.version)", flags: one.lint.codes,
            coverage: EvalResult.Coverage(
                touched: one.lint.called, reachable: one.lint.reachable),
            names: try input.names(of: suite.agent, manifest: invocation["fingerprint"]))
        let hashing = OpenSSLHashing()
        let cases: [UInt8]
        let payload: [UInt8]
        do throws(FormError) {
            cases = try CaseOutcomes(agent: suite.agent, cases: one.run.outcomes).canonical()
            payload = try EvalResult(
                of: run, verdict: report.verdict, outcomes: one.run.outcomes,
                cases: hashing.sha256(cases), baseline: one.baseline?.digest,
                utility: one.score?.utility, hashing: hashing
            ).canonical()
        } catch { throw Failure(.internalError, "the result cannot be written: \(error)") }
        var bytes = payload
        if let signer { bytes = try signer.sign(.evalResult, payload).bytes }
        var path = invocation["out"]
        if path == nil {
            try ResultWriter.makeFolder(one.folder.results)
            let time = one.ended.rfc3339(fractionDigits: 0).filter { $0 != ":" }
            // Two runs may end within a second, and a pass must not replace a failure.
            let name = time + "-" + String(hashing.sha256(payload).hex.prefix(8))
            path = one.folder.results + "/" + name + ".json"
        }
        guard let path else { return }
        try ResultWriter.write(bytes, cases: cases, to: path)
        Output.error("result of \(suite.agent): \(TerminalEscaping.shown(path))")
    }
}
