package import InterlockModel

/// The verdicts of `mode: provenance` about calls that do more than read, by the level of the run, the worst label of
/// the call's key values, and what the call does (docs/specs/output-safety.md, section 7).
package enum ProvenanceTable {
    package enum Cell: Int, Sendable, CaseIterable {
        /// The rest of the policy decides.
        case policy
        /// One person or more must approve.
        case approve
        /// The same, or a denial if the agent's rule says so.
        case approveOrDeny
    }

    /// The cells of one row, for a call that is contained, outward and grave.
    package typealias Row = (contained: Cell, outward: Cell, grave: Cell)

    private static let free: Row = (.policy, .policy, .policy)
    private static let finality: Row = (.policy, .policy, .approve)
    private static let outside: Row = (.policy, .approve, .approve)
    private static let every: Row = (.approve, .approve, .approve)
    private static let bound: Row = (.approve, .approveOrDeny, .approveOrDeny)

    package static func row(_ level: TaintLevel, _ label: ValueLabel) -> Row {
        switch (level, label) {
        case (.clean, .request), (.clean, .policy), (.clean, .trusted): free
        case (.clean, .made): finality
        case (.clean, .named), (.untrusted, .named): outside
        case (.clean, .untrusted), (.untrusted, .untrusted): every
        case (.untrusted, .request), (.untrusted, .policy), (.untrusted, .trusted): free
        case (.untrusted, .made): outside
        case (.hostile, .request), (.hostile, .policy), (.hostile, .trusted): outside
        case (.hostile, .made), (.hostile, .named), (.hostile, .untrusted): bound
        }
    }

    package static func cell(_ level: TaintLevel, _ label: ValueLabel, _ reach: CallReach) -> Cell {
        let row = row(level, label)
        return switch reach {
        case .reads: .policy
        case .contained: row.contained
        case .outward: row.outward
        case .grave: row.grave
        }
    }
}
