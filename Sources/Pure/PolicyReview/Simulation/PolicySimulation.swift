package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// Decides calls that were decided under other policies again under one (docs/specs/policy.md, section 8.4; R156).
///
/// A call counts as it was: with its arguments, its time and the facts that its decision rested on. What a changed answer
/// would have made an agent do next is not known, and nothing here guesses it.
package struct PolicySimulation: Sendable {
    package enum Direction: String, Sendable {
        /// The call would have needed less: fewer approvals, or fewer obligations.
        case easier
        case stricter
    }

    /// The calls of one tool by one agent that would have been decided otherwise in the same way.
    package struct Change: Sendable {
        package struct Example: Sendable, Hashable {
            /// The id of the call.
            package let call: String
            package let at: Timestamp
            package let arguments: JSONValue
            /// The rule that would have decided.
            package let rule: String
        }

        package static let mostExamples = 3

        package let agent: AgentName
        package let tool: ToolAddress
        package let before: Verdict
        package let after: Verdict
        /// The obligations of the data, if they are what differs.
        package let obligations: (before: [String], after: [String])?
        package let direction: Direction
        package fileprivate(set) var count = 0
        /// The first calls, three at most.
        package fileprivate(set) var examples: [Example] = []
    }

    /// The reason for which nothing can be said about a call.
    package enum Unknown: String, Sendable, CaseIterable {
        case erased, gone, withheld

        package var sentence: String {
            switch self {
            case .erased: "its input was erased"
            case .gone: "its input is missing or cannot be read"
            case .withheld: "arguments that a guard may read were withheld from the log"
            }
        }
    }

    /// One call as it was decided.
    package struct Call {
        package let id: String
        package let recorded: RecordedDecision
        package let summary: DecisionSummary
        package let arguments: JSONValue
        /// True if the policy that decided withheld arguments of the tool.
        package let isWithheld: Bool

        package init(
            id: String, recorded: RecordedDecision, summary: DecisionSummary, arguments: JSONValue,
            isWithheld: Bool
        ) {
            self.id = id
            self.recorded = recorded
            self.summary = summary
            self.arguments = arguments
            self.isWithheld = isWithheld
        }
    }

    private struct Key: Hashable {
        let agent: AgentName
        let tool: ToolAddress
        let before: Verdict
        let after: Verdict
        let old: [String]
        let new: [String]
    }

    package let policy: PolicySnapshot
    /// The number of calls that were decided again.
    package private(set) var decided = 0
    package private(set) var unknown: [Unknown: Int] = [:]
    /// The number of calls for which people are asked, under the policies that decided and under this one.
    package private(set) var approvals: (before: Int, after: Int) = (0, 0)
    private var found: [Key: Change] = [:]

    package init(_ policy: PolicySnapshot) { self.policy = policy }

    package mutating func add(_ reason: Unknown) { unknown[reason, default: 0] += 1 }

    package mutating func add(_ call: Call) {
        guard let before = call.summary.decidedVerdict else { return add(.gone) }
        let (agent, tool) = (call.recorded.agent, call.recorded.address)
        let data = policy.dataObligations(of: tool, for: agent)
        let kept = data?.argumentsDropped(from: call.arguments) ?? call.arguments
        let again = call.recorded.decide(kept, under: policy)
        guard !call.isWithheld || again.guards.isEmpty else { return add(.withheld) }
        decided += 1
        let after = again.verdict
        approvals.before += before.needsPeople ? 1 : 0
        approvals.after += after.needsPeople ? 1 : 0
        let (old, new) = (call.summary.obligations, DecisionSummary(again).obligations)
        // A denial has no obligations, so only calls that stay permitted are compared by theirs.
        let isOtherData = before == after && old != new
        guard before != after || isOtherData else { return }
        let isEasier = isOtherData ? !Set(old).isSubset(of: new) : after < before
        let key = Key(
            agent: agent, tool: tool, before: before, after: after, old: isOtherData ? old : [],
            new: isOtherData ? new : [])
        var change =
            found[key]
            ?? Change(
                agent: agent, tool: tool, before: before, after: after,
                obligations: isOtherData ? (old, new) : nil,
                direction: isEasier ? .easier : .stricter)
        change.count += 1
        if change.examples.count < Change.mostExamples {
            change.examples.append(
                Change.Example(
                    call: call.id, at: call.recorded.now, arguments: call.arguments,
                    rule: again.rule))
        }
        found[key] = change
    }

    /// The changes: easier ones first, then by number.
    package var changes: [Change] {
        found.values.sorted { a, b in
            if a.direction != b.direction { return a.direction == .easier }
            if a.count != b.count { return a.count > b.count }
            return (a.agent.text, a.tool.description, a.before, a.after)
                < (b.agent.text, b.tool.description, b.before, b.after)
        }
    }

    package func count(_ direction: Direction) -> Int {
        found.values.filter { $0.direction == direction }.map(\.count).reduce(0, +)
    }
}

extension DecisionSummary {
    /// The verdict that the leaf states, or nil if it states none.
    fileprivate var decidedVerdict: Verdict? {
        switch (verdict, need) {
        case ("allow", nil): .allow
        case ("deny", nil): .deny
        case ("approve", let need?) where need > 0: .approve(Int(clamping: need))
        default: nil
        }
    }
}
