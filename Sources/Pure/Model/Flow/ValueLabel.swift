/// The origin of a key value of a call (docs/specs/output-safety.md, section 7); the first that matches counts.
package enum ValueLabel: Sendable, Hashable, CaseIterable {
    /// `U`: the request of the user has it.
    case user
    /// `P`: a constant of the policy or of the registry.
    case policy
    /// `T`: a result from a trusted source has it.
    case trusted
    /// `M`: no source has it; the model made it.
    case model
    /// `X named`: only untrusted results have it, and the user named the read that produced it.
    case named
    /// `X`: only untrusted results have it.
    case untrusted

    /// The place in the order from best to worst, 0 to 3; the first three are equal.
    package var rank: Int {
        switch self {
        case .user, .policy, .trusted: 0
        case .model: 1
        case .named: 2
        case .untrusted: 3
        }
    }
}
