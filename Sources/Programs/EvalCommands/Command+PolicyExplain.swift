package import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview

extension Command {
    /// `interlock policy explain`, with the search of arguments that suites have, too.
    package static let policyExplain = Command.makePolicyExplain {
        arguments, tool, policy, path, now in
        let checks = try await ArgumentChecks(policy, beside: path)
        return checks.search(arguments, of: tool, under: policy, at: now)
    }
}
