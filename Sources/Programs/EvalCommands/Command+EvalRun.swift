package import InterlockCommandLine

extension Command {
    package static let evalRun = Command(
        "eval run [AGENT]", "run the suites of agents",
        example: "interlock eval run refunds",
        options: EvalInput.options + [
            Option("--kind KIND", "`policy`, `agent` or `all` cases [default: all]"),
            Option("--case GLOB", "only cases whose id fits; `*` is any text"),
            Option("--trials N", "trials of each case, 1 to 100 (default: the suite's)"),
            Option("--jobs N", "cases at a time, 1 to 64 [default: 4]"),
            Option("--seed N", "seed of the mutants [default: 1]"),
            Option("--fingerprint FILE", "list of prompt files, skills and models"),
            Option("--out FILE", "write the result there"),
            Option(
                "--sign FILE|agent",
                "sign the result with this key, by default into the suite's `results`"),
            Option("--junit FILE", "also write a report that CI systems read"),
            Option("--markdown FILE", "also write a summary"),
            Option("--annotations", "print workflow commands, as in GitHub Actions"),
            Option("--starter", "write a first suite if there is none, and run it"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate, .notPermitted],
        notes: """
            Policy cases are judged by the decision of the gateway, with its checks of arguments; their arguments are \
            rewritten too. Exit 1: a case failed. 65: a suite is invalid. 69: agent cases, which this version does not \
            run; with --kind policy they are left out. A run with --case, with other trials or without some cases is \
            partial, and never passes the gate.
            """
    ) { invocation in try await EvalRun(invocation).run() }
}
