/// The ground on which the gateway believes a fingerprint, from the weakest to the strongest.
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
