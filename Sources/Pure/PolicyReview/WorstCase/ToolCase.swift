package import InterlockJSON
package import InterlockModel
package import InterlockPolicy

/// One verdict that calls of a tool can receive, with the rule that gives it and its conditions.
package struct ToolCase: Sendable, Hashable {
    /// A guarded rule that leads to the verdict unless its guard is false.
    package struct Condition: Sendable, Hashable {
        package let rule: String
        /// The guard, or nil if the rule has none.
        package let when: String?

        package init(rule: String, when: String?) {
            self.rule = rule
            self.when = when
        }

        package var text: String { when.map { "\(rule): \($0)" } ?? rule }
    }

    package let verdict: Verdict
    package let reason: DecisionReason
    /// The id or path of the rule that decides, as a decision names it.
    package let rule: String
    /// The location of the rule, or nil if it is built in.
    package let place: PolicyLocation?
    /// The rules any of which leads here; empty for the calls that no such rule concerns.
    package let conditions: [Condition]

    package init(
        verdict: Verdict, reason: DecisionReason, rule: String, place: PolicyLocation?,
        conditions: [Condition] = []
    ) {
        self.verdict = verdict
        self.reason = reason
        self.rule = rule
        self.place = place
        self.conditions = conditions
    }

    /// One line such as `approve 2 if prod-target: !has(args.environment)`.
    package var text: String {
        let why =
            switch reason {
            case .controls: ""
            case .forbid: conditions.isEmpty ? " by \(rule)" : ""
            default: " (\(reason.rawValue))"
            }
        guard !conditions.isEmpty else { return "\(verdict)\(why)" }
        return "\(verdict)\(why) if " + conditions.map(\.text).joined(separator: ", or ")
    }

    package var json: JSONValue {
        [
            "verdict": .string(verdict.description), "reason": .string(reason.rawValue),
            "rule": .string(rule), "at": place.map { .string($0.description) } ?? .null,
            "if": .array(
                conditions.map {
                    ["rule": .string($0.rule), "when": $0.when.map { .string($0) } ?? .null]
                }),
        ]
    }
}

extension ToolCase {
    /// - Parameters:
    ///   - cell: the cell that the case belongs to.
    ///   - agent: the agent, whose group is too small if people cannot decide.
    ///   - column: the column of the controls that applies.
    init(
        _ part: CellCase, of cell: Cell, _ agent: AgentEntry, _ column: Controls.Column,
        in policy: PolicySnapshot
    ) {
        let grant = cell.grants.first ?? cell.elevations.first?.grants.first
        let granted = grant?.place ?? cell.approvalEntry?.place
        let (rule, place): (String, PolicyLocation?) =
            switch part.reason {
            case .forbid: (part.rules.first?.id.value ?? "forbid", part.rules.first?.place)
            case .controls:
                Self.control(part, cell, policy.document.controls, column).map {
                    ("controls." + $0.name, policy.document.controls[$0].place ?? granted)
                } ?? ("controls", granted)
            case .approvalRequired:
                part.isUnattested
                    ? (
                        Self.sandboxed(cell)?.path ?? part.reason.rawValue,
                        Self.sandboxed(cell)?.place
                    )
                    : (cell.approvalEntry?.path ?? part.reason.rawValue, cell.approvalEntry?.place)
            case .noApprovers:
                (
                    part.reason.rawValue,
                    agent.approvers.flatMap { policy.groups[$0]?.place } ?? agent.place
                )
            case .guardFalse: (grant?.path ?? part.reason.rawValue, granted)
            default: (part.reason.rawValue, granted ?? agent.place)
            }
        let isConditional = part.reason != .forbid || part.rules.first?.when != nil
        let rules = part.rules.isEmpty ? part.excluding : part.rules
        self.init(
            verdict: part.verdict, reason: part.reason, rule: rule, place: place,
            conditions: isConditional
                ? rules.map { Condition(rule: $0.id.value, when: $0.when?.source) } : [])
    }

    /// The gravest effect whose control gives the verdict of the case.
    private static func control(
        _ part: CellCase, _ cell: Cell, _ controls: Controls, _ column: Controls.Column
    ) -> Effect? {
        let effects = part.rules.reduce(cell.effects) { $0.union($1.addedEffect) }
        return Effect.gravestFirst.first {
            effects.has($0) && controls[$0][column] == part.verdict
        }
    }

    private static func sandboxed(_ cell: Cell) -> GrantSpec? {
        (cell.grants + cell.elevations.flatMap(\.grants)).first(where: \.sandboxedOnly)
    }
}
