import InterlockModel

/// Tools of one server that no rule of the policy distinguishes: class, effects, `sends`, obligations and the
/// matching rules are equal. An agent may do the same with all of them, except for those that it names; so
/// a policy is checked and compiled by kind, not by tool.
final class ToolKind: Sendable {
    /// The position among all kinds.
    let number: Int
    let server: String
    /// The position among all servers.
    let serverNumber: Int
    let environment: String
    let toolClass: ToolClass
    let effects: EffectSet
    /// True if a call passes data out of the organisation, also one that only reads.
    let sends: Bool
    /// The obligations of the tool and its server on every agent's calls.
    let data: DataObligations
    /// The rows of the tool table, ascending; at least one.
    let tools: [Int]
    /// The matching forbids: unguarded ones first, then by id.
    let forbids: [RuleSpec]
    /// The matching effect rules, by id.
    let effectRules: [RuleSpec]

    init(
        number: Int, server: Int, tools: [Int], like row: ToolTable.Row, _ document: PolicyDocument
    ) {
        self.number = number
        serverNumber = server
        self.tools = tools
        self.server = row.address.server.text
        environment = row.environment
        toolClass = row.spec.toolClass
        effects = row.spec.effects
        sends = row.spec.flow.sends
        data = row.data
        forbids = row.forbids.map { document.forbids[$0] }.unguardedFirst
        effectRules = row.effectRules.map { document.effectRules[$0] }
    }
}

extension ToolTable.Row {
    /// The properties that are equal for the tools of one kind, if they are of one server.
    struct Likeness: Hashable {
        let toolClass: ToolClass
        let effects: EffectSet
        let sends: Bool
        let data: DataObligations
        let forbids: [Int]
        let effectRules: [Int]
    }

    var likeness: Likeness {
        Likeness(
            toolClass: spec.toolClass, effects: spec.effects, sends: spec.flow.sends, data: data,
            forbids: forbids, effectRules: effectRules)
    }
}

extension [RuleSpec] {
    /// The rules in the order in which one of several forbids is named: unguarded ones first, then by id.
    var unguardedFirst: [RuleSpec] { filter { $0.when == nil } + filter { $0.when != nil } }

    /// The rules that concern an agent.
    func concerning(_ agent: AgentSpec) -> [RuleSpec] {
        // Mostly all of them do, and then the list is shared.
        allSatisfy { $0.concerns(agent) } ? self : filter { $0.concerns(agent) }
    }
}
