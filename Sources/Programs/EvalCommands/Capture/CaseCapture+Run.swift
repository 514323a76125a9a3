package import InterlockCommandLine
package import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockYAML

extension CaseCapture {
    /// Writes the draft of an agent case and its fixture, neither of which may exist.
    ///
    /// - Throws: exit 65 if the run cannot be stated as a case within the limits of its files, 73 if a file exists or
    ///   cannot be written.
    package func write(_ run: CapturedRun, _ origin: CaseOrigin) throws(Failure) -> Exit {
        guard run.calls.count <= EvalLimits.calls else {
            throw Failure(
                .data,
                "the run has \(run.calls.count) calls; a trial has at most \(EvalLimits.calls)",
                help: "name an earlier call of the run")
        }
        try checkCommand(of: run.agent)
        guard let draft = AgentCaseDraft(run, origin) else {
            throw Failure(.data, "the run cannot be stated as a case")
        }
        let cases = folder(of: run.agent, "cases")
        let worlds = folder(of: run.agent, "fixtures")
        let file = CaseFile(cases + "/\(draft.id).yaml", draft.text)
        let world = worlds + "/\(draft.id)" + (cases == worlds ? ".world.yaml" : ".yaml")
        for path in [file.path, world] where File.exists(path) {
            throw Failure(
                .cannotCreate, "`\(TerminalEscaping.shown(path))` exists",
                help: "the run was captured before; remove or rename the file")
        }
        let read = try file.read(of: run.agent, as: "the run cannot be stated as a case")
        guard read.isDraft, read.kind == .agent else {
            throw Failure(.data, "the run cannot be stated as a case")
        }
        let reading = WorldReading(
            SuiteReader.parsed(
                SuiteReader.File(path: world, bytes: Array(draft.worldText.utf8))))
        guard reading.fixture != nil else {
            throw Failure(
                .data,
                "the run cannot be stated as a fixture\n"
                    + reading.findings.map(\.text).joined(separator: "\n"))
        }
        try ResultWriter.makeFolder(cases)
        try ResultWriter.makeFolder(worlds)
        // The fixture first: a case never names one that is not there.
        try ResultWriter.write(Array(draft.worldText.utf8), to: world)
        try file.write()
        let path = TerminalEscaping.shown(file.path)
        return invocation.print(
            [
                "case": .string(draft.id.text), "path": .string(file.path),
                "world": .string(world), "change": "draft",
                "calls": .integer(Int64(run.calls.count)),
                "policy": .string(origin.policy.prefixed),
                "missing": .strings(run.request == nil ? ["request"] : []),
            ],
            """
            draft `\(draft.id)`: \(path), with \(TerminalEscaping.shown(world))
              help: state under `expect` what should have happened, then: interlock eval capture --confirm \(path) --by EMAIL
            """)
    }

    /// - Throws: exit 65 if the draft would make its suite invalid, which has no program to run it.
    private func checkCommand(of agent: AgentName) throws(Failure) {
        guard invocation["out"] == nil, try suite(of: agent).command.isEmpty else { return }
        throw Failure(
            .data, "the suite of `\(agent)` states no `command`, which agent cases need",
            help: "state the program of the agent in suite.yaml, or name a folder: --out DIR")
    }
}
