import InterlockCommandLine
import InterlockCredentials
import InterlockEvals
import InterlockModel
import InterlockPolicy
import InterlockPolicyReview
import InterlockYAML

/// Runs the policy cases of suites on changed policies, to find the changes that no case notices (T15).
struct SuiteMutation: Sendable {
    private let input: EvalInput
    private let checks: ArgumentChecks

    /// The cases that are decided at a time; a change that one of them notices needs no further ones.
    private static let batch = 500

    /// - Throws: exit 65 if a file of rules next to the policy is refused.
    init(_ input: EvalInput) async throws(Failure) {
        self.input = input
        checks = try await ArgumentChecks(input)
    }

    /// - Returns: nil if no policy case passes on the policy as it is, so that none could notice a change.
    func mutants(of suite: Suite) -> LintFacts.PolicyMutants? {
        let mutation = AgentMutation(
            of: suite.agent, in: input.policy, at: input.now, hashing: OpenSSLHashing())
        let all = suite.counted.compactMap { $0.policyCase?.test }
        let answers = runner(mutation.policy).answers(to: all)
        let tests = zip(all, answers).filter { $1?.failures.isEmpty == true }.map { $0.0 }
        guard !tests.isEmpty else { return nil }
        let mutants = mutation.mutants
        let progress = Progress("changes of the policy tried", of: UInt64(mutants.count))
        defer { progress.end() }
        let fates = OneThreadPerProcessor().map(mutants.count) { number -> AgentMutation.Fate in
            let fate = mutation.judge(mutants[number]) { isNoticed($0, by: tests) }
            progress.add()
            return fate
        }
        let survivors = zip(mutants, fates).filter { $1 == .survived }.map { $0.0 }
        let killed = fates.count { $0 == .killed }
        return LintFacts.PolicyMutants(
            killed: killed, judged: killed + survivors.count,
            survivingForbids: survivors.filter(\.isOfForbid).map(Self.line),
            survivors: survivors.filter { !$0.isOfForbid }.map(Self.line))
    }

    private func runner(_ policy: PolicySnapshot) -> PolicyCaseRunner {
        PolicyCaseRunner(policy: policy, checks: checks, now: input.now)
    }

    private func isNoticed(_ changed: PolicySnapshot, by tests: [TestSpec]) -> Bool {
        let runner = self.runner(changed)
        return stride(from: 0, to: tests.count, by: Self.batch).contains { start in
            let part = Array(tests[start..<min(start + Self.batch, tests.count)])
            return runner.answers(to: part).contains { $0?.failures.isEmpty != true }
        }
    }

    private static func line(_ mutant: PolicyMutant) -> String {
        "\(mutant.place) \(mutant.change)"
    }
}
