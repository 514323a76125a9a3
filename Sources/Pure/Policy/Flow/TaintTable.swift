package import InterlockModel

/// The verdicts of information flow about consequential calls (docs/specs/output-safety.md, section 7), as data. They
/// are combined with the policy's own verdict, and the stricter one applies, so that nothing here loosens a policy.
package enum TaintTable {
    /// The kinds of effects that the table tells apart, from the mildest to the gravest.
    package enum Column: Int, Sendable, CaseIterable {
        /// Reversible and internal.
        case contained
        /// Data or messages leave the organisation.
        case outward
        /// Irreversible, or with money or production.
        case grave

        package init(_ effects: EffectSet) {
            if !effects.isDisjoint(with: Self.graveEffects) {
                self = .grave
            } else if effects.has(.customerFacing) || effects.has(.sensitiveData) {
                self = .outward
            } else {
                self = .contained
            }
        }

        private static let graveEffects: EffectSet = [
            EffectSet(.irreversible), EffectSet(.spendsMoney), EffectSet(.production),
        ]
    }

    /// The verdict of one cell.
    package enum Outcome: Sendable, Hashable {
        /// The verdict of the policy applies.
        case policy
        /// Approval by a person, or by more if the policy says so.
        case approve
        /// The call is denied.
        case deny

        /// Returns the stricter one of this verdict and that of the policy.
        package func combined(with verdict: Verdict) -> Verdict {
            switch self {
            case .policy: verdict
            case .approve: max(verdict, .approve(1))
            case .deny: .deny
            }
        }
    }

    /// One row: the levels and the ranks of labels for which it holds, and a cell for each column.
    private struct Row: Sendable {
        let levels: ClosedRange<TaintLevel>
        let ranks: ClosedRange<Int>
        let cells: [Cell]
    }

    private enum Cell: Sendable {
        case policy, approve
        /// `approve`, or `deny` if the policy of the agent states so for hostile runs.
        case hostile
    }

    private static let rows = [
        Row(levels: .clean ... .untrusted, ranks: 0...0, cells: [.policy, .policy, .policy]),
        Row(levels: .clean ... .clean, ranks: 1...1, cells: [.policy, .policy, .approve]),
        Row(levels: .untrusted ... .untrusted, ranks: 1...1, cells: [.policy, .approve, .approve]),
        Row(levels: .clean ... .untrusted, ranks: 2...2, cells: [.policy, .approve, .approve]),
        Row(levels: .clean ... .untrusted, ranks: 3...3, cells: [.approve, .approve, .approve]),
        Row(levels: .hostile ... .hostile, ranks: 0...0, cells: [.policy, .approve, .approve]),
        Row(levels: .hostile ... .hostile, ranks: 1...3, cells: [.approve, .hostile, .hostile]),
    ]

    /// - Parameters:
    ///   - level: the level of the run.
    ///   - label: the worst label of the key values of the call.
    ///   - deniesHostile: whether the policy denies what the table leaves to it for hostile runs.
    /// - Returns: the verdict; `deny` if no row holds, which no input reaches.
    package static func outcome(
        _ level: TaintLevel, _ label: ValueLabel, _ column: Column, deniesHostile: Bool
    ) -> Outcome {
        guard
            let row = rows.first(where: {
                $0.levels.contains(level) && $0.ranks.contains(label.rank)
            })
        else { return .deny }
        return switch row.cells[column.rawValue] {
        case .policy: .policy
        case .approve: .approve
        case .hostile: deniesHostile ? .deny : .approve
        }
    }
}
