import InterlockModel

/// Tools of one server that no rule of the policy tells apart: class, effects, obligations and the
/// rules that match are equal. What an agent may do with one of them it may do with all, but for those
/// that it names; so a policy is checked and compiled by kind, not by tool.
final class ToolKind: Sendable {
    /// The position among all kinds.
    let number: Int
    let server: String
    /// The position among all servers.
    let serverNumber: Int
    let environment: String
    let toolClass: ToolClass
    let effects: EffectSet
    /// What the tool and its server demand of every agent's calls.
    let data: DataObligations
    /// Rows of the tool table, ascending; at least one.
    let tools: [Int]
    /// The forbids that match; unguarded ones first, then by id.
    let forbids: [RuleSpec]
    /// The rules that match, by id.
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
        data = row.data
        forbids = row.forbids.map { document.forbids[$0] }.unguardedFirst
        effectRules = row.effectRules.map { document.effectRules[$0] }
    }
}

extension ToolTable.Row {
    /// Equal for the tools of one kind, were they of one server.
    struct Likeness: Hashable {
        let toolClass: ToolClass
        let effects: EffectSet
        let data: DataObligations
        let forbids: [Int]
        let effectRules: [Int]
    }

    var likeness: Likeness {
        Likeness(
            toolClass: spec.toolClass, effects: spec.effects, data: data, forbids: forbids,
            effectRules: effectRules)
    }
}

extension [RuleSpec] {
    /// Which of several forbids is named: an unguarded one, else the first by id.
    var unguardedFirst: [RuleSpec] { filter { $0.when == nil } + filter { $0.when != nil } }

    /// Those that are about an agent.
    func concerning(_ agent: AgentSpec) -> [RuleSpec] {
        // Mostly all of them are, and then the list is shared.
        allSatisfy { $0.concerns(agent) } ? self : filter { $0.concerns(agent) }
    }
}
