package import InterlockModel

/// The verdict for each effect at each stage, with the location of each row that a file states.
package struct Controls: Sendable {
    package struct Row: Sendable {
        package var supervised: Verdict
        package var trusted: Verdict
        package var place: PolicyLocation?

        package subscript(column: Column) -> Verdict {
            column == .supervised ? supervised : trusted
        }
    }

    package enum Column: Int, CaseIterable, Sendable {
        case supervised, trusted

        /// Tier high uses `supervised` at every stage (docs/specs/policy.md, section 4.2).
        init(tier: Tier, stage: TrustStage) {
            self = tier == .high || stage != .trusted ? .supervised : .trusted
        }
    }

    private var rows: [Row]

    package subscript(effect: Effect) -> Row {
        get { rows[Int(effect.rawValue)] }
        set { rows[Int(effect.rawValue)] = newValue }
    }

    /// The table of the example (docs/specs/policy.md, section 3), with two people for production at every
    /// stage.
    static let builtIn: Controls = {
        let strict = Row(supervised: .approve(2), trusted: .approve(2))
        var table = Controls(rows: [Row](repeating: strict, count: Effect.allCases.count))
        table[.read] = Row(supervised: .allow, trusted: .allow)
        table[.sensitiveData] = Row(supervised: .approve(1), trusted: .allow)
        table[.reversible] = Row(supervised: .approve(1), trusted: .allow)
        table[.irreversible] = Row(supervised: .approve(2), trusted: .approve(1))
        table[.customerFacing] = Row(supervised: .approve(1), trusted: .approve(1))
        table[.spendsMoney] = Row(supervised: .approve(2), trusted: .approve(1))
        return table
    }()
}

extension Effect {
    /// The effects, gravest first. Reports list them in this order, and it decides which of several equally
    /// strict controls is named (docs/specs/policy.md, section 8.2).
    package static let gravestFirst: [Effect] = [
        .production, .spendsMoney, .irreversible, .customerFacing, .sensitiveData, .reversible,
        .read,
    ]

    /// True if the effect must not be allowed without approval at any stage (docs/specs/policy.md, section
    /// 4.3).
    package var isGrave: Bool {
        switch self {
        case .irreversible, .customerFacing, .spendsMoney, .production: true
        case .read, .sensitiveData, .reversible: false
        }
    }
}
