package import InterlockCommandLine
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

extension Command {
    package static let policyTest = Command(
        "policy test [PATH]", "run the policy's own tests",
        example: "interlock policy test policy",
        options: PolicyInput.options + [
            Option("--filter GLOB", "only tests whose name fits; `*` is any text"),
            Option("--junit FILE", "also write a report that CI systems read"),
            Option(
                "--cedar DIR",
                "also write what Cedar can express, to decide the tests again with it"),
            Option(
                "--served",
                "compare with the stages at which the running gateway serves (default: stage 0)"),
        ],
        exits: [.no, .data, .notFound, .unavailable, .cannotCreate],
        notes: """
            Runs `tests`, and checks that nothing grave is reachable without a person. A test that
            depends on the time needs `at`. Exit 1: some fail.
            """
    ) { invocation in
        let input = try PolicyInput(invocation, named: invocation.positional.first)
        let policy = try input.load()
        let stages: ServedStages? = invocation.has("served") ? try ServedStages(invocation) : nil
        if let note = stages?.difference(from: policy) { Output.error(note) }
        let runner = PolicyTestRunner(
            policy, at: input.now, trust: { stages?[$0] ?? AgentTerms.Trust.none })
        let results = runner.run { name in
            invocation["filter"].map { Glob($0).matches(name) } ?? true
        }
        let grave = GraveReach(policy, at: input.now).problems
        for result in results {
            if invocation.isJSON {
                Output.json(result.json)
            } else if !result.passed || !result.notes.isEmpty || result.servedOtherwise != nil {
                Output.line(result.text)
            }
        }
        for problem in grave { Output.error("FAIL \(problem)") }
        if let file = invocation["junit"] {
            try write(Array(JUnitReport(results, grave: grave).text.utf8), to: file)
        }
        if let folder = invocation["cedar"] { try writeCedar(policy, results, to: folder) }
        let passed = results.filter(\.passed).count
        if !invocation.isJSON, let note = servedOtherwise(policy, stages) {
            Output.error(note)
        }
        if !invocation.isJSON { Output.line("\(passed) of \(results.count) tests pass") }
        return passed == results.count && grave.isEmpty ? .ok : .no
    }
}

/// One line about the agents that are served otherwise than the tests judge them, or nil if there are none.
///
/// - Parameter stages: those of the running gateway; nil for stage 0, without a trust record.
private func servedOtherwise(_ policy: PolicySnapshot, _ stages: ServedStages?) -> String? {
    let judged = "note: tests judge at the stage and with the limits of the file; "
    if let stages {
        let served = policy.agents.values.sorted { $0.name < $1.name }.compactMap { agent in
            agent.servedOtherwise(stages[agent.name])
        }
        return served.isEmpty ? nil : judged + served.joined(separator: ", ")
    }
    let names = policy.agents.values.filter {
        $0.terms(.asWritten).stage != $0.terms(AgentTerms.Trust.none).stage
    }
    .map(\.name.text).sorted()
    guard !names.isEmpty else { return nil }
    let served = TrustStageAssignment.lowest
    return judged + "every agent is served with "
        + "\(served.quotaPercent) % of its limits, and \(names.joined(separator: ", ")) at stage "
        + served.word.rawValue
}

extension AgentEntry {
    /// One clause about the agent, or nil if it is served as its file states.
    fileprivate func servedOtherwise(_ trust: AgentTerms.Trust) -> String? {
        let terms = terms(trust)
        guard terms.stage != self.terms(.asWritten).stage || terms.quotaPercent < 100 else {
            return nil
        }
        return
            "\(name) is served at stage \(terms.stage.rawValue) with \(terms.quotaPercent) % of its limits"
    }
}

private func write(_ bytes: [UInt8], to path: String) throws(Failure) {
    do throws(FileFailure) { try File.write(bytes, to: path, mode: 0o644) } catch {
        throw Failure(.cannotCreate, error.message)
    }
}

private func writeCedar(
    _ policy: PolicySnapshot, _ results: [PolicyTestResult], to folder: String
) throws(Failure) {
    do throws(FileFailure) { try File.makeFolder(folder, mode: 0o755) } catch {
        throw Failure(.cannotCreate, error.message)
    }
    let export = CedarExport(policy, tests: results)
    for file in export.files { try write(Array(file.text.utf8), to: folder + "/" + file.name) }
    for line in export.leftOut { Output.error("cedar: \(line)") }
}
