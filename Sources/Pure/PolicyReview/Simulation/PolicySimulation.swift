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
            /// The index of its record in the log.
            package let index: UInt64
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
        /// The index of its record in the log.
        package let index: UInt64
        package let recorded: RecordedDecision
        package let summary: DecisionSummary
        package let arguments: JSONValue
        /// True if the policy that decided withheld arguments of the tool.
        package let isWithheld: Bool

        package init(
            id: String, index: UInt64, recorded: RecordedDecision, summary: DecisionSummary,
            arguments: JSONValue, isWithheld: Bool
        ) {
            self.id = id
            self.index = index
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

    /// The calls of one agent.
    private struct Tally: Sendable {
        var decided = 0
        var unknown: [Unknown: Int] = [:]
        var approvals: (before: Int, after: Int) = (0, 0)
        /// The calls by the rule that decided, as recorded and under this policy.
        var rules: (before: [String: Int], after: [String: Int]) = ([:], [:])

        mutating func add(
            _ asked: Bool, _ asksNow: Bool, rules names: (before: String, after: String)
        ) {
            decided += 1
            approvals.before += asked ? 1 : 0
            approvals.after += asksNow ? 1 : 0
            rules.before[names.before, default: 0] += 1
            rules.after[names.after, default: 0] += 1
        }
    }

    package let policy: PolicySnapshot
    /// The tallies by the agent that the record names; nil if it names none.
    private var tallies: [AgentName?: Tally] = [:]
    private var found: [Key: Change] = [:]

    private let keepsArguments: Bool

    /// - Parameter keepsArguments: false for a result that outlives the request: its examples then have null arguments,
    ///   since payloads may be erased meanwhile.
    package init(_ policy: PolicySnapshot, keepsArguments: Bool = true) {
        self.policy = policy
        self.keepsArguments = keepsArguments
    }

    /// - Parameter agent: the agent of the call, or nil if its record names none.
    package mutating func add(_ reason: Unknown, of agent: AgentName?) {
        tallies[agent, default: Tally()].unknown[reason, default: 0] += 1
    }

    package mutating func add(_ call: Call) {
        let (agent, tool) = (call.recorded.agent, call.recorded.address)
        guard let before = call.summary.decidedVerdict else { return add(.gone, of: agent) }
        let data = policy.dataObligations(of: tool, for: agent)
        let kept = data?.argumentsDropped(from: call.arguments) ?? call.arguments
        let again = call.recorded.decide(kept, under: policy)
        guard !call.isWithheld || again.guards.isEmpty else { return add(.withheld, of: agent) }
        let after = again.verdict
        count(call, again, before, of: agent)
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
                    call: call.id, index: call.index, at: call.recorded.now,
                    arguments: keepsArguments ? call.arguments : .null, rule: again.rule))
        }
        found[key] = change
    }

    private mutating func count(
        _ call: Call, _ again: Decision, _ before: Verdict, of agent: AgentName
    ) {
        tallies[agent, default: Tally()].add(
            before.needsPeople, again.verdict.needsPeople,
            rules: (call.summary.rule, again.rule))
    }

    /// The part that is about some agents. Calls without an agent belong to it if `isIncluded` accepts nil.
    package func part(where isIncluded: (AgentName?) -> Bool) -> PolicySimulation {
        var part = self
        part.tallies = tallies.filter { isIncluded($0.key) }
        part.found = found.filter { isIncluded($0.key.agent) }
        return part
    }

    /// The number of calls that were decided again.
    package var decided: Int { tallies.values.reduce(0) { $0 + $1.decided } }
    package var unknown: [Unknown: Int] {
        tallies.values.reduce(into: [:]) { $0.merge($1.unknown, uniquingKeysWith: +) }
    }
    /// The number of calls for which people are asked, under the policies that decided and under this one.
    package var approvals: (before: Int, after: Int) {
        tallies.values.reduce((0, 0)) { ($0.0 + $1.approvals.before, $0.1 + $1.approvals.after) }
    }

    /// The rules of this policy by the calls that they would have decided.
    package var coverage: RuleCoverage {
        RuleCoverage(
            of: policy,
            tallies.values.reduce(into: [:]) { $0.merge($1.rules.after, uniquingKeysWith: +) })
    }

    /// The rules of another policy by the calls that they decided, as the log names them: a rule of an earlier revision
    /// counts for the one of the same name.
    package func recordedCoverage(of other: PolicySnapshot) -> RuleCoverage {
        RuleCoverage(
            of: other,
            tallies.values.reduce(into: [:]) { $0.merge($1.rules.before, uniquingKeysWith: +) })
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
