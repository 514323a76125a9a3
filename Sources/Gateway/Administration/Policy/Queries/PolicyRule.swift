package import InterlockModel
import InterlockPolicy

/// A rule in words, and the place in the files that states it (R043).
package struct PolicyRule: Sendable, Hashable {
    /// A word, for instance `forbid`: one of `kinds`.
    package let kind: String
    package let subject: String
    package let text: String
    /// nil: it is built in.
    package let place: PolicyLocation?
    /// Whom it concerns of those in sight; empty: everybody.
    package let agents: [AgentName]

    package static let kinds = EffectiveRule.Kind.allCases.map(\.rawValue)

    package init(
        kind: String, subject: String, text: String, place: PolicyLocation?, agents: [AgentName]
    ) {
        self.kind = kind
        self.subject = subject
        self.text = text
        self.place = place
        self.agents = agents
    }
}

extension PolicyRule {
    /// nil for one that is only about agents out of sight.
    init?(_ rule: EffectiveRule, for sight: Visibility) {
        let seen = rule.agents.filter(sight.sees)
        guard rule.agents.isEmpty || !seen.isEmpty else { return nil }
        self.init(
            kind: rule.kind.rawValue, subject: rule.subject, text: rule.text, place: rule.place,
            agents: seen)
    }
}

/// What the policy says of one agent.
package struct AgentRules: Sendable {
    package struct Reached: Sendable, Hashable {
        package let tool: String
        /// Easiest first.
        package let verdicts: [String]
        package let effects: [String]
        /// Any of them grants; empty: no guard is asked.
        package let guards: [String]
        package let elevations: [String]
        package let limits: [String]

        package init(
            tool: String, verdicts: [String], effects: [String], guards: [String],
            elevations: [String], limits: [String]
        ) {
            self.tool = tool
            self.verdicts = verdicts
            self.effects = effects
            self.guards = guards
            self.elevations = elevations
            self.limits = limits
        }
    }

    package let agent: PolicyAgent
    package let purpose: String?
    /// `2026-12-01`
    package let reviewBy: String?
    package let sandbox: String?
    /// The group, and who is in it.
    package let approvers: String?
    package let people: [Person]
    /// Codes of findings that hold it: it only observes.
    package let held: [String]
    /// The gravest first.
    package let reached: [Reached]
    /// Tools of the whole policy.
    package let toolCount: Int
    /// By which what it reads as sensitive could leave.
    package let flows: [String]
    package let rules: [PolicyRule]

    package init(
        agent: PolicyAgent, purpose: String?, reviewBy: String?, sandbox: String?,
        approvers: String?, people: [Person], held: [String], reached: [Reached], toolCount: Int,
        flows: [String], rules: [PolicyRule]
    ) {
        self.agent = agent
        self.purpose = purpose
        self.reviewBy = reviewBy
        self.sandbox = sandbox
        self.approvers = approvers
        self.people = people
        self.held = held
        self.reached = reached
        self.toolCount = toolCount
        self.flows = flows
        self.rules = rules
    }
}
