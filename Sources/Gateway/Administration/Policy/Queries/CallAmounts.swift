package import InterlockJSON
package import InterlockModel
import InterlockPolicy

/// The arguments of a recorded call in the units of the policy in force. No record states units, so the policy that
/// decided the call may have declared others.
package struct CallAmounts: Sendable {
    /// The amounts by argument, in the form of a review; nil if the call has no argument with a declared unit.
    package let amounts: JSONValue?
    /// The policy that declares the units.
    package let policy: Digest

    package init(amounts: JSONValue?, policy: Digest) {
        self.amounts = amounts
        self.policy = policy
    }
}

extension PolicyQueryService {
    package func amounts(of tool: ToolAddress, in arguments: JSONValue) -> CallAmounts {
        let policy = snapshot
        return CallAmounts(
            amounts: policy.reviewedAmounts(of: tool, in: arguments), policy: policy.digest)
    }
}
