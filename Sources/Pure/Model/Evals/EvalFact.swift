/// What the change gate knows of an agent's current fingerprint (docs/specs/evals.md, section 6). Every value but
/// `passed` is a reason to refuse.
package enum EvalFact: String, Sendable, CaseIterable {
    case passed
    /// No result covers the fingerprint.
    case missing
    /// The result says `fail` or `invalid`, or covers a part of the suite.
    case failed
    /// The result is older than the tier or the suite permits.
    case stale
    /// No signature counts: the key is not listed, or the agent's owner can use it alone.
    case unsigned
    /// The suite has flags that make it thin at this tier.
    case thin
    /// The fingerprint is not proven as the tier demands.
    case unproven

    /// The code of the refusal, such as `eval-missing`; nil if the agent passed.
    package var reason: String? { self == .passed ? nil : "eval-\(rawValue)" }
}

/// How the gateway came to believe a fingerprint, from the weakest to the strongest.
package enum FingerprintProof: String, Sendable, Comparable, CaseIterable {
    /// The agent's client says so.
    case declared
    /// A release manifest that a key in `eval.attesters` signed says so.
    case attested
    /// Interlock read the files itself.
    case measured

    private var rank: Int {
        switch self {
        case .declared: 0
        case .attested: 1
        case .measured: 2
        }
    }

    package static func < (a: FingerprintProof, b: FingerprintProof) -> Bool { a.rank < b.rank }

    /// Returns the weakest proof that the tier accepts.
    package static func least(at tier: Tier) -> FingerprintProof {
        tier == .low ? .declared : .attested
    }
}
