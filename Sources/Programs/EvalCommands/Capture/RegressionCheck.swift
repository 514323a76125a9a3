import InterlockCommandLine
import InterlockEvals
import InterlockModel
import InterlockPolicy

/// Runs the cases of a suite that are regressions on the policy as it is: what they prove mended must be mended.
enum RegressionCheck {
    /// Returns the cases that fail, each with one line.
    ///
    /// - Throws: exit 65 if a file of rules next to the policy is refused.
    static func failing(
        _ suite: Suite, _ input: EvalInput
    ) async throws(Failure) -> [(one: EvalCase, line: String)] {
        let cases = suite.counted.filter { $0.regressionOf != nil && $0.policyCase != nil }
        guard !cases.isEmpty else { return [] }
        let checks = try await ArgumentChecks(input)
        let runner = PolicyCaseRunner(policy: input.policy, checks: checks, now: input.now)
        let answers = runner.answers(to: cases.compactMap { $0.policyCase?.test })
        var failing: [(one: EvalCase, line: String)] = []
        for (one, answer) in zip(cases, answers) {
            guard let answer else {
                failing.append((one: one, line: "the policy does not have its tool"))
                continue
            }
            if !answer.failures.isEmpty { failing.append((one: one, line: answer.text)) }
        }
        return failing
    }
}
