import InterlockModel

extension EvalFact {
    /// The reason of the denial, or nil if the gate denies nothing.
    var denial: DecisionReason? {
        switch self {
        case .passed: nil
        case .missing: .evalMissing
        case .failed: .evalFailed
        case .stale: .evalStale
        case .unsigned: .evalUnsigned
        case .thin: .evalThin
        case .unproven: .evalUnproven
        }
    }
}
