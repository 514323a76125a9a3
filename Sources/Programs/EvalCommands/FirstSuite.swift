import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy

/// The starter suite that `interlock init` makes for the first agent of a deployment (docs/specs/evals.md, section 2).
package enum FirstSuite {
    /// Writes and runs the suite if the policy has one agent, which is of tier low, whose tools are all reviewed and which
    /// has no suite. A failure does not end the setup.
    ///
    /// - Parameter path: the policy.
    /// - Returns: a line for people; nil if nothing was to be done.
    package static func make(beside path: String) async -> String? {
        do throws(Failure) {
            let input = try EvalInput(policyAt: path, at: SystemClock().now.wall)
            guard let agent = onlyAgent(in: input.policy),
                !File.exists(SuiteFolder(agent, in: input.root).path)
            else { return nil }
            return try await make(agent, input)
        } catch { return "no starter suite was written: \(error.message)" }
    }

    private static func onlyAgent(in policy: PolicySnapshot) -> AgentName? {
        guard policy.agents.count == 1, let entry = policy.agents.values.first, entry.tier == .low
        else { return nil }
        let tools = policy.scopedTools(of: entry.name)
        let isReviewed = tools.allSatisfy { tool in
            tool.server == HostServer.name || policy.lock?.pin(of: tool) != nil
        }
        return isReviewed && !tools.isEmpty ? entry.name : nil
    }

    private static func make(
        _ agent: AgentName, _ input: EvalInput
    ) async throws(Failure) -> String {
        let checks = try await ArgumentChecks(input)
        let runner = PolicyCaseRunner(policy: input.policy, checks: checks, now: input.now)
        try StarterSuite(agent.text, input, runner).write()
        let suite = try SuiteFolder(agent, in: input.root).read().suite
        let tests = suite.counted.compactMap { $0.policyCase?.test }
        let passed = runner.answers(to: tests).count { $0?.failures.isEmpty == true }
        return
            "starter suite of \(agent): \(passed) of \(tests.count) cases pass; review them, and "
            + "interlock eval lint \(agent) says what they do not prove"
    }
}
