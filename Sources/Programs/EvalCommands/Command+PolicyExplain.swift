package import InterlockCommandLine
import InterlockJSON
import InterlockModel
import InterlockPolicy
import InterlockPolicyCommands
import InterlockPolicyReview
import InterlockSafety

extension Command {
    /// `interlock policy explain`, with the search of arguments that suites have, too.
    package static let policyExplain = Command.makePolicyExplain { arguments, tool, policy, now in
        let checks: ArgumentChecks
        do throws(ScanFailure) { checks = try await ArgumentChecks(policy) } catch {
            throw Failure(.internalError, "the search for secrets: \(error.message)")
        }
        return checks.search(arguments, of: tool, under: policy, at: now)
    }
}
