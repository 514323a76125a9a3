import InterlockModel
import InterlockPolicy
import InterlockSafety

/// The consequences that a policy has for values in calls of one tool.
struct ToolConsequences {
    let policy: PolicySnapshot
    let tool: ToolAddress
    /// The time as of which waivers count.
    let now: Timestamp

    /// The consequence in a word: `deny`, `accepted` or `waived` in arguments, `replace` or `returned` in results, or
    /// `mark`.
    ///
    /// - Parameter names: the names of the members that lead to the value; nil if its place is not known.
    func consequence(
        of finding: SecretFinding, at names: [String]?, _ direction: CallFindingRow.Direction
    ) -> String {
        let secretClass = finding.secretClass
        guard SecretClassSet.decided.contains(secretClass) || finding.strength == .block else {
            return "mark"
        }
        switch direction {
        case .arguments:
            if policy.isLowered(secretClass, at: names, of: tool, on: now) {
                return isStated(policy.flow(of: tool).accepted[secretClass], names)
                    ? "accepted" : "waived"
            }
            return isMarked(secretClass, unless: policy.deniedClasses(of: tool)) ? "mark" : "deny"
        case .results:
            if returns(finding, at: names) { return "returned" }
            let replaced = policy.replacedClasses(isOfHost: false)
            return isMarked(secretClass, unless: replaced) ? "mark" : "replace"
        }
    }

    /// Returns true if the tool's entry gives the value where it is in a result.
    func returns(_ finding: SecretFinding, at names: [String]?) -> Bool {
        isStated(policy.flow(of: tool).returned[finding.secretClass], names)
    }

    private func isStated(_ paths: [FieldPath]?, _ names: [String]?) -> Bool {
        guard let paths, let names else { return false }
        return paths.contains { $0.leads(to: names) }
    }

    /// Other classes than those that a policy decides about are never marked.
    private func isMarked(_ secretClass: SecretClass, unless raised: SecretClassSet) -> Bool {
        SecretClassSet.decided.contains(secretClass) && !raised.contains(secretClass)
    }
}
