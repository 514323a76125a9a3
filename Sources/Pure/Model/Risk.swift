/// What a tool may do; exactly one per tool. A grant of one class covers that class alone.
package enum ToolClass: String, Sendable, CaseIterable {
    case read, write, destructive, admin
}

/// Why a call matters (closed set; specs of the policy, section 1).
package enum Effect: UInt8, Sendable, CaseIterable {
    case read, sensitiveData, reversible, irreversible, customerFacing, spendsMoney, production

    /// As written in the policy and shown to people.
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
    /// In the order of `Effect.allCases`.
    package var effects: [Effect] { Effect.allCases.filter(has) }
    /// Of `effects`; every record of a call has them, so each set's are made once.
    package var names: [String] { Self.namesOfAll[Int(rawValue)] }

    private static let namesOfAll = (UInt8.min...UInt8.max).map {
        EffectSet(rawValue: $0).effects.map(\.name)
    }
}

/// The policy's word for how far an agent is trusted.
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

/// An agent's risk; unknown counts as high.
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
}

/// Strictness: deny > approve n+1 > approve n > allow.
package enum Verdict: Hashable, Sendable, Comparable, CustomStringConvertible {
    case allow
    /// n distinct people, 1 to 9.
    case approve(Int)
    case deny

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

/// How durable the last record before the send must be (specs of the ledger, section 3).
package enum Durability: String, Sendable, Comparable {
    case local = "D0"
    case receipt = "D1"
    case witnessed = "D2"
    package static func < (a: Durability, b: Durability) -> Bool { a.rawValue < b.rawValue }
}
