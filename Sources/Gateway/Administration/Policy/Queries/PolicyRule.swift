import InterlockEvidence
package import InterlockModel
import InterlockPolicy
import InterlockPolicyReview

/// A rule in words, and its location in the files (R043).
package struct PolicyRule: Sendable, Hashable {
    /// The kind of the rule, for instance `forbid`: one of `kinds`.
    package let kind: String
    /// The name that decisions and links use.
    package let name: String
    package let subject: String
    package let text: String
    /// Is nil if the rule is built in.
    package let place: PolicyLocation?
    /// The visible agents that it concerns; empty if it concerns every agent.
    package let agents: [AgentName]
    /// The rule as a sentence of the gateway with amounts in their units, or nil if `text` has the words.
    package var sentence: String?

    package static let kinds = EffectiveRule.Kind.allCases.map(\.rawValue)
}

extension PolicyRule {
    /// Returns nil if the rule is only about agents that are not visible.
    init?(_ rule: EffectiveRule, for visibility: Visibility) {
        let seen = rule.agents.filter(visibility.sees)
        guard rule.agents.isEmpty || !seen.isEmpty else { return nil }
        self.init(
            kind: rule.kind.rawValue, name: rule.name, subject: rule.subject, text: rule.text,
            place: rule.place,
            agents: seen, sentence: rule.words)
    }
}

/// The policy's rules for one agent.
package struct AgentRules: Sendable {
    package struct Reached: Sendable, Hashable {
        package let tool: String
        /// The possible verdicts, the most permissive first.
        package let verdicts: [String]
        /// The verdicts with their conditions in words.
        package let outcome: String
        package let effects: [String]
        /// True if a call passes data out of the organisation, also one that only reads.
        package let sends: Bool
        /// The verdicts that have conditions of their own, with these; denials included.
        package let cases: [String]
        /// The guards, any of which grants; empty if no guard is evaluated.
        package let guards: [String]
        package let elevations: [String]
        package let limits: [String]
    }

    package let agent: PolicyAgent
    package let purpose: String?
    /// The date, for instance `2026-12-01`.
    package let reviewBy: String?
    package let sandbox: String?
    /// The group of approvers and, below, its members.
    package let approvers: String?
    package let people: [Person]
    /// The codes of findings that hold it at the stage observe.
    package let held: [String]
    /// The tools that it can reach, the gravest first; then those that are granted and that no call reaches.
    package let reached: [Reached]
    /// The number of tools in the whole policy.
    package let toolCount: Int
    /// The flows by which data that it reads as sensitive could leave.
    package let flows: [String]
    /// The tasks that its runs can have, each with its tools.
    package let tasks: [String]
    package let rules: [PolicyRule]
}

extension PolicyAgent {
    init(_ entry: AgentEntry, _ trust: AgentTerms.Trust) {
        self.init(
            name: entry.name, owner: entry.owner, tier: entry.tier, stage: entry.stage,
            acting: entry.terms(trust).stage, place: entry.place)
    }
}

extension AgentRules {
    /// Solves the agent's guards, which takes a while. Returns nil if the policy does not have the agent.
    init?(
        _ policy: PolicySnapshot, of name: AgentName, _ trust: AgentTerms.Trust,
        for visibility: Visibility, at now: Timestamp
    ) {
        guard let entry = policy.agents[name], let rules = policy.rules(of: name),
            let reach = WorstCase(policy, of: name, trust, at: now)
        else { return nil }
        self.init(
            agent: PolicyAgent(entry, trust), purpose: entry.purpose,
            reviewBy: entry.reviewBy?.text,
            sandbox: entry.sandbox, approvers: entry.approvers,
            people: entry.approvers.flatMap { policy.groups[$0]?.members } ?? [],
            held: entry.terms(trust).held, reached: (reach.rows + reach.denied).map(Reached.init),
            toolCount: reach.toolCount, flows: reach.flows, tasks: reach.tasks.map(\.words),
            rules: rules.compactMap { PolicyRule($0, for: visibility) })
    }
}

extension AgentRules.Reached {
    /// The effects of its calls, and whether they send data out, in words for people.
    package var effectWords: [String] {
        effects.map { $0.replacing("_", with: " ") } + (sends ? [ToolFlow.sendsWords] : [])
    }

    fileprivate init(_ row: WorstCase.Row) {
        self.init(
            tool: row.tool.description, verdicts: row.verdicts.map(\.description),
            outcome: row.outcome.sentence,
            effects: row.effects.map(\.name), sends: row.sends,
            cases: row.cases.filter { !$0.conditions.isEmpty || $0.verdict == .deny }.map(\.text),
            guards: row.guards, elevations: row.elevations,
            limits: row.limits)
    }
}
