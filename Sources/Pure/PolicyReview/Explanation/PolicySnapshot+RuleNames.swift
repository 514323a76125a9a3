import InterlockJSON
import InterlockModel
package import InterlockPolicy

extension PolicySnapshot {
    /// Finds a rule by the name that decisions and links use, as `EffectiveRule.name` states it.
    ///
    /// - Returns: the rule, or the one that contains what the name leads to, such as `tiers.low` for `tiers.low.calls`;
    ///   nil if the policy has none.
    package func rule(named name: String, in organisation: [EffectiveRule]) -> EffectiveRule? {
        if let agent = PolicyPath.agent(of: name).flatMap({ AgentName($0) }) {
            return Self.find(name, in: agents[agent]?.spec.ownRules(in: self) ?? [])
        }
        // Decisions name the grants of an elevation by their paths, links name it by its id.
        let elevation = document.elevations.first { Self.isPart(name, of: $0.path) }
        return Self.find(elevation?.id.value ?? name, in: organisation)
    }

    private static func find(_ name: String, in rules: [EffectiveRule]) -> EffectiveRule? {
        if let exact = rules.first(where: { sameBytes($0.name, name) }) { return exact }
        return rules.filter { isPart(name, of: $0.name) }
            .max { $0.name.utf8.count < $1.name.utf8.count }
    }

    private static func isPart(_ name: String, of whole: String) -> Bool {
        let (part, whole) = (name.utf8, whole.utf8)
        guard part.count > whole.count, part.starts(with: whole) else { return false }
        let next = part[part.index(part.startIndex, offsetBy: whole.count)]
        return next == UInt8(ascii: ".") || next == UInt8(ascii: "[")
    }

    /// Returns a function that is true for the agents to whose calls the rule can matter.
    package func isConcerned(by rule: EffectiveRule) -> (AgentEntry) -> Bool {
        switch rule.kind {
        case .forbid, .effect:
            let rules = rule.kind == .forbid ? document.forbids : document.effectRules
            let spec = rules.first { sameBytes($0.id.value, rule.name) }
            return { agent in spec?.concerns(agent.spec) ?? false }
        case .tier: return { $0.tier.rawValue == rule.subject }
        case .approvers: return { $0.approvers == rule.subject }
        case .server, .tool:
            let server = rule.subject.split(separator: ".").first.flatMap { ServerName(String($0)) }
            return { agent in server.map(agent.scopedServers.contains) ?? false }
        case .control: return { _ in true }
        default: return { rule.agents.contains($0.name) }
        }
    }

    /// The tests of the policy that expect the rule to decide, in the order of the files.
    package func tests(naming rule: EffectiveRule) -> [TestSpec] {
        document.tests.filter { $0.because.map { sameBytes($0, rule.name) } ?? false }
    }
}
