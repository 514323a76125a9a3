/// The class of a tool, exactly one per tool. A grant of one class covers only that class.
package enum ToolClass: String, Sendable, CaseIterable {
    case read, write, destructive, admin
}

/// The reason why a call matters (a closed set; docs/specs/policy.md, section 1).
package enum Effect: UInt8, Sendable, CaseIterable {
    case read, sensitiveData, reversible, irreversible, customerFacing, spendsMoney, production

    /// The name in the policy, in records and in the API.
    package var name: String {
        switch self {
        case .read: "read"
        case .sensitiveData: "sensitive_data"
        case .reversible: "reversible"
        case .irreversible: "irreversible"
        case .customerFacing: "customer_facing"
        case .spendsMoney: "spends_money"
        case .production: "production"
        }
    }
    /// The name as text for people, such as "spends money".
    package var words: String { name.replacing("_", with: " ") }

    package init?(name: String) {
        guard let effect = Effect.allCases.first(where: { $0.name == name }) else { return nil }
        self = effect
    }
}

package struct EffectSet: OptionSet, Hashable, Sendable {
    package let rawValue: UInt8
    package init(rawValue: UInt8) { self.rawValue = rawValue }
    package init(_ effect: Effect) { rawValue = 1 << effect.rawValue }
    package func has(_ effect: Effect) -> Bool { contains(EffectSet(effect)) }
    /// The members in the order of `Effect.allCases`.
    package var effects: [Effect] { Effect.allCases.filter(has) }
    /// The names of `effects`, precomputed for every set because each record of a call contains them.
    package var names: [String] { Self.namesOfAll[Int(rawValue)] }

    private static let namesOfAll = (UInt8.min...UInt8.max).map {
        EffectSet(rawValue: $0).effects.map(\.name)
    }
}

/// The trust stage of an agent.
package enum TrustStage: String, Sendable, Comparable, CaseIterable {
    case observe, supervised, trusted
    private var rank: Int {
        switch self {
        case .observe: 0
        case .supervised: 1
        case .trusted: 2
        }
    }
    package static func < (a: TrustStage, b: TrustStage) -> Bool { a.rank < b.rank }
}

/// An agent's risk tier; an unknown tier counts as high.
package enum Tier: String, Sendable, Comparable, CaseIterable {
    case low, medium, high
    private var rank: Int {
        switch self {
        case .low: 0
        case .medium: 1
        case .high: 2
        }
    }
    package static func < (a: Tier, b: Tier) -> Bool { a.rank < b.rank }

    /// True if the policy denies runs of such an agent that declare no purpose.
    package var requiresPurpose: Bool { self == .high }
}

/// A decision's verdict, ordered by strictness: deny > approve n+1 > approve n > allow.
package enum Verdict: Hashable, Sendable, Comparable, CustomStringConvertible {
    case allow
    /// The approval of n distinct people, 1 to 9, is required.
    case approve(Int)
    case deny

    /// True if people have to approve.
    package var needsPeople: Bool { if case .approve = self { true } else { false } }

    private var strictness: Int {
        switch self {
        case .allow: 0
        case .approve(let people): people
        case .deny: 100
        }
    }
    package static func < (a: Verdict, b: Verdict) -> Bool { a.strictness < b.strictness }
    package var description: String {
        switch self {
        case .allow: "allow"
        case .approve(1): "approve"
        case .approve(let people): "approve \(people)"
        case .deny: "deny"
        }
    }
}

/// The durability that the last record must have before the call is sent (docs/specs/ledger.md, section 3).
package enum Durability: String, Sendable, Comparable {
    case local = "D0"
    case receipt = "D1"
    case witnessed = "D2"
    package static func < (a: Durability, b: Durability) -> Bool { a.rawValue < b.rawValue }
}
