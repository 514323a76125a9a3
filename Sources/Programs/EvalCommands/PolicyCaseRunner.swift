import InterlockEvals
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// Runs policy cases by the decision of the gateway, after the checks of arguments that come before it.
struct PolicyCaseRunner: Sendable {
    let policy: PolicySnapshot
    let checks: ArgumentChecks
    let now: Timestamp

    /// The answer to one call.
    struct Answer: Sendable {
        let verdict: Verdict
        /// The reason and the rule, either of which `because` may name.
        let reason: String
        let rule: String
        /// The expectations that do not hold, in words; empty if the case passed.
        let failures: [String]

        /// `deny no-grant, expected allow`.
        var text: String { ([("\(verdict) \(rule)")] + failures).joined(separator: ", ") }
    }

    /// - Returns: one answer for each, in their order; nil for a call of no tool of the policy.
    func answers(to tests: [TestSpec]) -> [Answer?] {
        let runner = PolicyTestRunner(
            policy, at: now,
            search: { [checks] arguments, address, policy, time in
                checks.search(arguments, of: address, under: policy, at: time)
            })
        let results = runner.run(tests)
        return zip(tests, results).map { test, result in
            result.map { answer(to: test, $0) }
        }
    }

    private func answer(to test: TestSpec, _ result: PolicyTestResult) -> Answer {
        let data = policy.dataObligations(of: result.call, for: result.agent)
        let sent = data?.argumentsDropped(from: test.arguments) ?? test.arguments
        // The gateway checks arguments of what the agent sees; all else is denied as if it did not exist.
        let stage = test.stage ?? policy.agents[result.agent]?.stage ?? .observe
        if policy.isVisible(result.call, to: result.agent, stage: stage, at: test.at ?? now),
            let refusal = checks.violation(of: sent, at: result.call)
        {
            return Answer(refusal, to: test)
        }
        return Answer(
            verdict: result.decision.verdict, reason: result.decision.reason.rawValue,
            rule: result.decision.rule, failures: result.failures.map(\.text))
    }
}

extension PolicyCaseRunner.Answer {
    /// The answer to a call whose arguments do not fit.
    fileprivate init(_ refusal: ArgumentRefusal, to test: TestSpec) {
        var failures: [String] = []
        if test.expect != .deny { failures.append("expected \(test.expect)") }
        if let because = test.because, because != refusal.reason, because != "schema" {
            failures.append("expected because of `\(because)`")
        }
        if let expected = test.obligations, !expected.isEmpty {
            failures.append("expected obligations [\(expected.sorted().joined(separator: ", "))]")
        }
        if !failures.isEmpty { failures.append("the arguments do not fit: \(refusal.text)") }
        self.init(
            verdict: .deny, reason: refusal.reason, rule: "schema " + refusal.reason,
            failures: failures)
    }
}
