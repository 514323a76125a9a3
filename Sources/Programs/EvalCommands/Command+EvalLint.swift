package import InterlockCommandLine
import InterlockEvals
import InterlockJSON
import InterlockModel

extension Command {
    /// The command, with the way in which origins are read from a log.
    package static func makeEvalLint(_ reader: @escaping OriginReader) -> Command {
        Command(
            "eval lint [AGENT]", "check suites without running them",
            example: "interlock eval lint refunds",
            options: EvalInput.options + [Option("--strict", "warnings fail, too")],
            exits: [.no, .data, .notFound],
            notes: """
                Prints errors, and the flags T01 to T16 of what a suite does not prove, each with what to do about it. Exit 1: a \
                flag that makes the suite thin for the tier of its agent, or a case with `regression_of` that fails on the \
                policy as it is. 65: a file or a suite is invalid, or such a case passes on the policy that it is a regression \
                of, or cannot be run on it, or the log that `--dir` names has not the record that a case states as its origin.
                """
        ) { invocation in
            let input = try EvalInput(invocation)
            let isStrict = invocation.has("strict")
            let mutation = try await SuiteMutation(input)
            var exit = Exit.ok
            for folder in try input.suites(invocation) {
                let contents = try folder.read()
                let suite = contents.suite
                let lint = try input.lint(contents, mutants: mutation.mutants(of: suite))
                for error in lint.errors {
                    invocation.print(
                        [
                            "agent": .string(suite.agent.text), "error": .string(error.message),
                            "at": .string(error.place.description),
                        ], "\(TerminalEscaping.shown(error.text))")
                }
                for flag in lint.flags {
                    invocation.print(
                        [
                            "agent": .string(suite.agent.text), "flag": .string(flag.flag.code),
                            "sentence": .string(flag.flag.sentence), "about": .strings(flag.about),
                            "warning": .bool(flag.isWarning), "help": .string(flag.flag.remedy),
                        ], "\(suite.agent) \(flag.line)\n  help: \(flag.flag.remedy)")
                }
                let failing = try await RegressionCheck.failing(suite, input)
                for (one, line) in failing {
                    invocation.print(
                        [
                            "agent": .string(suite.agent.text), "case": .string(one.id.text),
                            "at": .string(one.place.description), "fails": .string(line),
                        ],
                        TerminalEscaping.shown(
                            "\(one.place) `\(one.id)`: a regression that is not mended: \(line)"))
                }
                let origins = try OriginCheck(suite, invocation, reader)
                for (one, line) in origins.problems {
                    invocation.print(
                        [
                            "agent": .string(suite.agent.text), "case": .string(one.id.text),
                            "at": .string(one.place.description), "origin": .string(line),
                        ], TerminalEscaping.shown("\(one.place) `\(one.id)`: origin: \(line)"))
                }
                if origins.unreachable > 0 {
                    Output.error(
                        "note: \(origins.unreachable) origins of \(suite.agent) were not compared with their log: name its deployment by `--dir`"
                    )
                }
                let found =
                    lint.errors.count + lint.flags.count + failing.count + origins.problems.count
                if found == 0, !invocation.isJSON {
                    Output.line("\(suite.agent): no error and no flag")
                }
                if !lint.errors.isEmpty || !origins.problems.isEmpty {
                    exit = .data
                } else if exit == .ok,
                    lint.isThin || !failing.isEmpty || isStrict && !lint.flags.isEmpty
                {
                    exit = .no
                }
            }
            return exit
        }
    }
}
