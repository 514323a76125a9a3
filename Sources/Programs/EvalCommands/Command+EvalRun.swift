package import InterlockCommandLine

extension Command {
    package static let evalRun = Command(
        "eval run [AGENT]", "run the suites of agents",
        example: "interlock eval run refunds",
        options: EvalInput.options + [
            Option("--kind KIND", "`policy`, `agent` or `all` cases [default: all]"),
            Option("--case GLOB", "only cases whose id fits; `*` is any text"),
            Option("--trials N", "trials of each case, 1 to 100 (default: the suite's)"),
            Option("--jobs N", "cases or trials at a time, 1 to 64 [default: 4]"),
            Option("--timeout TIME", "longest time of one trial of an agent [default: 300s]"),
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
            rewritten too. Agent cases start the suite's `command` for each trial, as the user who evaluates and without \
            a sandbox, with INTERLOCK_GATEWAY and INTERLOCK_TOKEN of a gateway that has fake servers, and the request \
            in INTERLOCK_EVAL_REQUEST and on its standard input. Exit 1: a case failed. 65: a suite is invalid. 69: the \
            command cannot be started. A run with --case, with other trials or without some cases is partial, and never \
            passes the gate.
            """
    ) { invocation in try await EvalRun(invocation).run() }
}
