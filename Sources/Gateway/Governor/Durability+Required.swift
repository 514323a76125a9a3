import InterlockModel
import InterlockPolicy
import InterlockPorts

extension Durability {
    /// The durability that a tool's class and effects require (docs/specs/ledger.md, section 3).
    static func byDefault(for decision: Decision) -> Durability {
        let effects = decision.effects
        let isGrave = [Effect.irreversible, .spendsMoney, .production].contains(where: effects.has)
        switch decision.toolClass {
        case .read where isGrave: return .witnessed
        case .read: return effects.has(.sensitiveData) ? .receipt : .local
        case .write:
            // A write without declared effects counts as irreversible.
            return isGrave || effects.effects.isEmpty ? .witnessed : .receipt
        case .destructive, .admin, nil: return .witnessed
        }
    }
}

extension Gateway {
    /// Returns the required durability: configuration raises a tool's strength, never lowers it. Without a quorum a
    /// default D2 becomes D1; a D2 that is configured stays, and its calls are refused.
    func strength(of decision: Decision, _ address: ToolAddress) -> Durability {
        var strength = Durability.byDefault(for: decision)
        if strength == .witnessed, !(ports.quorum?.isConfigured ?? false) { strength = .receipt }
        return max(strength, settings.durability[address] ?? .local)
    }
}
