import InterlockModel
import InterlockPolicy

/// Puts the cases of a cell in the order in which a decision asks them: forbids, grants, then controls, the strictest first.
struct OutcomeMaker {
    let cell: Cell
    /// The cases that some call can reach.
    let cases: [CellCase]
    let now: Timestamp
    let units: ConditionUnits?
    /// Names the rule and the location of a case.
    let described: (CellCase) -> ToolCase

    var outcome: ToolOutcome {
        let forbidden = cases.filter { $0.reason == .forbid || $0.reason == .noGrant }
        let ungranted = cases.filter { $0.reason == .guardFalse }
        let granted = cases.filter { ![.forbid, .noGrant, .guardFalse].contains($0.reason) }
        return ToolOutcome(
            forbidden.map { line($0, $0.rules.first?.when == nil ? [] : [any($0.rules)]) }
                + ungranted.map { line($0, [.noGrant(of: grants.map(\.condition))]) }
                + controlled(granted))
    }

    private func line(_ part: CellCase, _ clauses: [ToolOutcome.Clause]) -> ToolOutcome.Line {
        let described = described(part)
        return ToolOutcome.Line(
            verdict: part.verdict, reason: part.reason, rule: described.rule,
            place: described.place, clauses: clauses)
    }

    private func controlled(_ parts: [CellCase]) -> [ToolOutcome.Line] {
        parts.sorted { ($0.control, $0.verdict) > ($1.control, $1.verdict) }.map { part in
            var clauses: [ToolOutcome.Clause] = []
            if !part.rules.isEmpty { clauses.append(any(part.rules)) }
            if !part.excluding.isEmpty { clauses.append(any(part.excluding)) }
            if part.isUnattested {
                let plain = grants.filter { !$0.isSandboxed }.map(\.condition)
                if !plain.isEmpty { clauses.append(.noGrant(of: plain)) }
                clauses.append(.outsideSandbox)
            }
            return line(part, clauses)
        }
    }

    private func any(_ rules: [RuleSpec]) -> ToolOutcome.Clause {
        .any(
            of: rules.map {
                ToolOutcome.Condition(
                    rule: $0.id.value, guardText: $0.when?.source, elevation: nil, units: units)
            })
    }

    /// The grants that have not ended, each with its condition.
    private var grants: [(condition: ToolOutcome.Condition, isSandboxed: Bool)] {
        let permanent = cell.grants.map { condition($0, nil) }
        let temporary = cell.elevations(from: now).flatMap { elevation in
            elevation.grants.map { condition($0, elevation.words) }
        }
        return permanent + temporary
    }

    private func condition(
        _ grant: GrantSpec, _ elevation: String?
    ) -> (condition: ToolOutcome.Condition, isSandboxed: Bool) {
        (
            ToolOutcome.Condition(
                rule: nil, guardText: grant.when?.source, elevation: elevation, units: units),
            grant.sandboxedOnly
        )
    }
}

extension ElevationOverlay {
    /// The elevation with its end, such as `INC-4711 until 2026-11-20T12:00:00Z`.
    var words: String { "\(id) until \(until.rfc3339(fractionDigits: 0))" }
}
