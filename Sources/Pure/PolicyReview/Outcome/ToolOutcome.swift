package import InterlockModel
package import InterlockPolicy

/// The verdicts that calls of one tool can receive, as lines that are read from the top: the first that applies decides
/// (docs/specs/console.md, section 4).
///
/// Only lines that some call can reach are in it, so the last one that applies needs no condition of its own. Every door
/// that tells what an agent may do prints these words.
package struct ToolOutcome: Sendable {
    /// A guard with the rule that it belongs to.
    package struct Condition: Sendable {
        /// The id of the rule, or nil for a grant.
        package let rule: String?
        /// The guard as written, or nil if there is none.
        package let guardText: String?
        /// The elevation with its end, such as `INC-4711 until 2026-11-20T12:00:00Z`, if only that grants.
        package let elevation: String?
        /// The units of the tool's arguments, or nil if its entry declares none.
        let units: ConditionUnits?

        package init(
            rule: String?, guardText: String?, elevation: String?, units: ConditionUnits? = nil
        ) {
            self.rule = rule
            self.guardText = guardText
            self.elevation = elevation
            self.units = units
        }

        package var words: String {
            let guardWords = guardText.map { ConditionFormatter.words(of: $0, units: units) }
            guard let elevation else { return guardWords ?? "always" }
            return guardWords.map { "\($0) (by \(elevation))" } ?? "by \(elevation)"
        }
    }

    /// A part of a line's condition; all parts have to hold.
    package enum Clause: Sendable {
        /// Holds unless all of these are false.
        case any(of: [Condition])
        /// Holds unless one of these grants is true.
        case noGrant(of: [Condition])
        /// The call is not attested as coming from a sandbox.
        case outsideSandbox

        var words: String {
            switch self {
            case .any(let conditions): "if " + Self.list(conditions)
            case .noGrant(let conditions): "unless " + Self.list(conditions)
            case .outsideSandbox: "if the call comes from no sandbox"
            }
        }

        private static func list(_ conditions: [Condition]) -> String {
            conditions.map(\.words).joined(separator: ", or ")
        }
    }

    package struct Line: Sendable {
        package let verdict: Verdict
        package let reason: DecisionReason
        /// The rule that decides, as a decision names it.
        package let rule: String
        /// The location of the rule, or nil if it is built in.
        package let place: PolicyLocation?
        package let clauses: [Clause]

        package init(
            verdict: Verdict, reason: DecisionReason, rule: String, place: PolicyLocation?,
            clauses: [Clause]
        ) {
            self.verdict = verdict
            self.reason = reason
            self.rule = rule
            self.place = place
            self.clauses = clauses
        }

        /// The line in words, such as `2 approvals if environment is not given`.
        package var words: String {
            verdictWords + condition
                + (reason == .forbid && !clauses.isEmpty ? ", by rule \(rule)" : "")
        }

        /// The verdict in words, with the reason of a denial that has no condition.
        package var verdictWords: String {
            switch reason {
            case .noApprovers: "denied, too few people can approve"
            case .quarantined: "denied, the tool is in quarantine"
            case .observe, .incomplete: "denied, the agent is held"
            case .noGrant: "denied, above the agent's tier"
            case .forbid where clauses.isEmpty: "denied, by rule \(rule)"
            default: verdict.words
            }
        }

        /// The condition with a space before it; empty if there is none.
        package var condition: String { clauses.map { " " + $0.words }.joined(separator: " and") }
    }

    package let lines: [Line]

    package init(_ lines: [Line]) { self.lines = lines }

    /// The denial of every call, for a reason outside of the rules.
    package init(denial: ToolCase) {
        lines = [
            Line(
                verdict: .deny, reason: denial.reason, rule: denial.rule, place: denial.place,
                clauses: [])
        ]
    }

    /// The outcome in one sentence, without a full stop.
    package var sentence: String {
        guard let last = lines.last else { return "denied" }
        // "2 approvals if X, otherwise denied" reads better than "denied unless X, otherwise 2 approvals".
        if lines.count == 2, case .noGrant(let grants)? = lines[0].clauses.first,
            lines[0].verdict == .deny, lines[0].clauses.count == 1
        {
            return lines[1].verdictWords + " " + Clause.any(of: grants).words + ", otherwise denied"
        }
        let others = lines.dropLast().map(\.words)
        return (others + [(others.isEmpty ? "" : "otherwise ") + last.verdictWords])
            .joined(separator: "; ")
    }
}

extension Verdict {
    /// The verdict as text for people.
    package var words: String {
        switch self {
        case .allow: "allowed"
        case .approve(1): "1 approval"
        case .approve(let people): "\(people) approvals"
        case .deny: "denied"
        }
    }
}
