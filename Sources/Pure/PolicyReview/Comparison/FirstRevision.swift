import InterlockJSON
import InterlockModel
package import InterlockPolicy

extension PolicyComparison {
    /// Everything that a policy states as a difference from no policy: for a revision before which none was signed off.
    ///
    /// Rules and values are listed as they are stated rather than by the calls that they decide, because a policy without
    /// them would have the built-in ones.
    package static func first(_ policy: PolicySnapshot) -> PolicyComparison {
        let canonical = policy.document.canonical()?.object ?? [:]
        let agents = policy.document.agents.sorted { $0.name < $1.name }
        return PolicyComparison(
            differences: agents.flatMap { agent in
                [Difference(agent: agent.name.text, canonical["agents"]?[agent.name.text])]
                    + agent.ownRules(in: policy).map { Difference($0, of: agent.name.text) }
            }
                + canonical.members.filter { !stated.contains($0.key) }.map {
                    Difference(value: $0.value, of: $0.key)
                }
                + policy.organisationRules.map { Difference($0, of: nil) })
    }

    /// The members of the canonical form that are listed as agents or rules.
    private static let stated: Set<String> = [
        "agents", "approvals", "controls", "effects", "elevations", "forbid", "servers", "tiers",
    ]
}

extension Difference {
    /// A value that no earlier revision has.
    private init(of agent: String?, _ subject: String, _ new: String) {
        self.init(
            direction: agent == nil ? .notComparable : .widens, agent: agent, subject: subject,
            new: new, old: "absent")
    }

    fileprivate init(_ rule: EffectiveRule, of agent: String?) {
        self.init(of: agent, "\(rule.kind.rawValue) \(rule.name)", rule.sentence)
        notes =
            (rule.words.map { _ in ["written: \(rule.text)"] } ?? [])
            + (rule.place.map { ["stated in \($0)"] } ?? [])
    }

    fileprivate init(value: JSONValue, of key: String) { self.init(of: nil, key, value.words) }

    /// An agent with the values that none of its own rules states, such as its tier.
    fileprivate init(agent: String, _ value: JSONValue?) {
        let words = (value?.object ?? [:]).members.filter { !Self.ruled.contains($0.key) }
            .map { "\($0.key): \($0.value.words)" }
        self.init(of: agent, "agent", words.joined(separator: "; "))
    }

    /// The members of an agent that are listed as its rules.
    private static let ruled: Set<String> = [
        "approval_required", "data", "hours", "limits", "mcp_scopes", "taint",
    ]
}

extension JSONValue {
    /// A text as it is, any other value as JSON.
    fileprivate var words: String { string ?? String(decoding: serialized(), as: UTF8.self) }
}
