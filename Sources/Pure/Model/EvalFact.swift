/// The verdict of the change gate on an agent as it is now: whether a result of its evals covers its fingerprint
/// (docs/specs/evals.md, section 6). The raw value is recorded. Every case but `passed` denies a call.
package enum EvalFact: String, Sendable, Hashable, CaseIterable {
    /// A signed, fresh result of a sufficient suite says that the agent passes, or the gate does not apply to the call.
    case passed
    /// No result covers the fingerprint.
    case missing
    /// The newest result for the fingerprint says `fail` or `invalid`, or is of a part of the suite.
    case failed
    /// The result is older than it may be.
    case stale
    /// No key that counts signed the result.
    case unsigned
    /// The suite has flags that make it too thin for the agent's tier.
    case thin
    /// The fingerprint is not proven as the agent's tier demands.
    case unproven

    /// The reason of a refusal, such as `eval-missing`; nil for `passed`.
    package var reason: String? { self == .passed ? nil : "eval-\(rawValue)" }
}
