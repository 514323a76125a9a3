package import InterlockModel
package import InterlockPolicy

/// The verdicts that calls of one tool can receive, for all agents whose rules for it are the same.
package final class ToolReach: Sendable {
    /// The most permissive verdict that some call receives; a denial if every call is denied.
    package let loosest: Verdict
    /// True if other calls receive another verdict.
    package let isConditional: Bool
    /// True if people may have to decide a call.
    package let needsPeople: Bool
    /// The verdicts with their conditions, in words.
    package let sentence: String
    /// The effects of every call, and those that only some calls have.
    private let effects: [Effect]
    private let easiest: [Effect: Verdict]

    init(_ row: WorstCase.Row) {
        let loosest = row.verdicts.first ?? .deny
        self.loosest = loosest
        isConditional = loosest != .deny && row.outcome.lines.contains { $0.verdict != loosest }
        needsPeople = row.verdicts.contains(where: \.needsPeople)
        sentence = row.outcome.sentence
        effects = row.effects
        easiest = row.easiest
    }

    /// The denial of every call.
    ///
    /// - Parameter sentence: the denial in words.
    init(denied sentence: String, effects: [Effect]) {
        loosest = .deny
        isConditional = false
        needsPeople = false
        self.sentence = sentence
        self.effects = effects
        easiest = [:]
    }

    /// The most permissive verdict of a call with the effect, or nil if no call has it.
    package func loosest(with effect: Effect) -> Verdict? {
        effects.contains(effect) ? easiest[effect] ?? .deny : nil
    }
}

/// The tools that something gives an agent, with what their calls can receive.
package struct AgentReach: Sendable {
    /// The terms that the rest is about. A held agent is shown as it will act when nothing holds it any more.
    package let terms: AgentTerms
    /// Sorted by the number of the tool in the policy's table.
    package let tools: [(number: Int, reach: ToolReach)]
    /// True if an elevation or a guard depends on the time, so that the rest holds for a minute only.
    package let isTimed: Bool
}
