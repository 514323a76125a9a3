/// The cause of a denial (docs/specs/trust-and-review.md, section 4). Only `agent` counts against the agent; it is also
/// the cause of every denial that has not been classified.
package enum DenialCause: String, Sendable, Hashable, CaseIterable {
    /// The run was tainted, and the denied arguments came from untrusted content.
    case attack
    /// A signed change of the policy later granted the same call.
    case policy
    case agent
}
