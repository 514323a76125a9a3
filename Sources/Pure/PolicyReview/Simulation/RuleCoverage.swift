package import InterlockPolicy

/// The rules of a policy that decided calls, and those that decided none (docs/replay.md, "Simulating a policy").
package struct RuleCoverage: Sendable, Hashable {
    package struct Row: Sendable, Hashable {
        /// The name by which decisions and links name the rule.
        package let name: String
        /// The kind of the rule; `built-in` for a reason that no rule of the policy states.
        package let kind: String
        /// The calls that the rule decided; 0 if it was never reached.
        package let calls: Int

        package init(name: String, kind: String, calls: Int) {
            self.name = name
            self.kind = kind
            self.calls = calls
        }
    }

    /// The rules that decided a call, by the number of calls, then the organisation's rules that decided none.
    package let rows: [Row]

    package static let builtIn = "built-in"
    /// The kinds of the organisation's rules that decide calls. The others say what a call is, or who may vote.
    private static let deciding: Set<EffectiveRule.Kind> = [.forbid, .control, .elevation]

    package init(rows: [Row]) { self.rows = rows }

    /// - Parameter decided: the number of calls by the rule that decisions name.
    package init(of policy: PolicySnapshot, _ decided: [String: Int]) {
        let organisation = policy.organisationRules
        var calls: [EffectiveRule: Int] = [:]
        var rows: [Row] = []
        for (name, count) in decided {
            if let rule = policy.rule(named: name, in: organisation) {
                calls[rule, default: 0] += count
            } else {
                rows.append(Row(name: name, kind: Self.builtIn, calls: count))
            }
        }
        rows += calls.map { Row(name: $0.key.name, kind: $0.key.kind.rawValue, calls: $0.value) }
        rows.sort { $0.calls == $1.calls ? $0.name < $1.name : $0.calls > $1.calls }
        rows += organisation.filter { Self.deciding.contains($0.kind) && calls[$0] == nil }
            .map { Row(name: $0.name, kind: $0.kind.rawValue, calls: 0) }
        self.rows = rows
    }

    package var reached: [Row] { rows.filter { $0.calls > 0 } }
    package var unreached: [Row] { rows.filter { $0.calls == 0 } }
}
