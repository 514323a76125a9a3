package import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy

extension Command {
    /// The command, with the readers of times and of records.
    package static func makeEvalReport(
        since time: @escaping TimeReader, _ reader: @escaping BlameReader
    ) -> Command {
        Command(
            "eval report [AGENT]", "show what suites contain and their last results",
            example: "interlock eval report refunds --since 90d",
            options: EvalInput.options + [
                Option(
                    "--since TIME",
                    "denials and incidents from then on: RFC 3339, or how long ago [default: 90d]"),
                Option("--markdown FILE", "also write it in Markdown"),
                Option(
                    "--impact KIND:NAME", "agents that use a `skill`, `prompt`, `model` or `tool`"),
            ],
            exits: [.no, .data, .notFound, .cannotCreate, .io],
            notes: """
                Counts of cases by class, the tools that a case calls, the ages of the last result and of each case, the \
                trials of its agent cases with pass@k and pass^k, flaky cases, runs of other eval tools, the changes of \
                the policy that the suite notices, and the flags of `eval lint`. Denials and incidents are counted if the \
                deployment is at hand; no record is shown, so nothing is recorded. With --impact, the agents that the \
                part shapes, with owners, tiers and whether a result satisfies the gate; exit 1: one of them has none. \
                66: no agent uses it, or --since without a log.
                """
        ) { invocation in
            let input = try EvalInput(invocation)
            if let text = invocation["impact"] {
                let others = ["markdown", "since"].contains { invocation.has($0) }
                guard invocation.positional.isEmpty, !others else {
                    throw Failure(
                        .usage, "`--impact` is about all agents, and takes no other option",
                        help: "interlock eval report --impact KIND:NAME")
                }
                return try Impact(text).print(input, invocation)
            }
            let folders = try input.suites(invocation)
            let logged = try LoggedBlames.read(invocation, since: time, reader)
            let mutation = try await SuiteMutation(input)
            var markdown: [String] = []
            for folder in folders {
                let contents = try folder.read()
                let suite = contents.suite
                let mutants = mutation.mutants(of: suite)
                let blame = logged?.blame(of: suite.agent)
                let summary = SuiteSummary(
                    suite, try input.lint(contents, lastBlame: blame?.last, mutants: mutants),
                    try StoredResult.all(in: folder.results), try StoredImport.all(in: folder),
                    mutants: mutants, logged: logged, keys: input.policy.document.eval.signers,
                    at: input.now)
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
}
