import InterlockModel

/// A forbid or an effect rule, ready to be evaluated. It applies unless its guard is false.
struct CompiledRule: Sendable {
    let id: String
    let place: PolicyLocation
    /// The guard, or nil if the rule always applies.
    let condition: Guard?
    /// The effect that the rule adds; empty for a forbid.
    let adds: EffectSet
}

/// A grant, ready to be evaluated. It grants only if its guard is true.
struct CompiledGrant: Sendable {
    let spec: GrantSpec
    /// The guard, or nil if the grant always applies.
    let condition: Guard?

    var path: String { spec.path }
    var place: PolicyLocation { spec.place }
    var sandboxedOnly: Bool { spec.sandboxedOnly }
}

/// The entry of `approval_required` that names a tool.
final class ApprovalEntry: Sendable {
    let path: String
    let place: PolicyLocation

    init(_ entry: Located<String>) {
        path = entry.path
        place = entry.place
    }
}

/// The grants of an elevation for one tool, in force in `[from, until)`.
struct CompiledElevation: Sendable {
    let from: Timestamp
    let until: Timestamp
    let grants: [CompiledGrant]

    func isLive(at now: Timestamp) -> Bool { from <= now && now < until }
}

/// A verdict and the rule that gave it.
struct Ruling: Sendable {
    var verdict: Verdict
    var reason: DecisionReason
    var rule: String
    var place: PolicyLocation?
    /// The condition on the arguments under which the rule rules otherwise, in its own words; nil if it reads more.
    var condition: String?

    static func refusal(
        _ reason: DecisionReason, rule: String? = nil, place: PolicyLocation?,
        condition: Guard? = nil
    ) -> Ruling {
        Ruling(
            verdict: .deny, reason: reason, rule: rule ?? reason.rawValue, place: place,
            condition: condition?.callerText)
    }
}

/// A forbid on one tool, for the agents that it concerns.
struct AgentRule: Sendable {
    let rule: CompiledRule
    /// The agents; empty for all.
    let agents: Set<String>
    let tiers: Set<Tier>

    func concerns(_ entry: AgentEntry) -> Bool {
        (agents.isEmpty || agents.contains(entry.name.text))
            && (tiers.isEmpty || tiers.contains(entry.tier))
    }

    init(_ rule: RuleSpec, _ guards: GuardCompiler) {
        self.rule = CompiledRule(rule, guards)
        agents = Set(rule.agents.map(\.value))
        tiers = rule.tiers
    }
}
