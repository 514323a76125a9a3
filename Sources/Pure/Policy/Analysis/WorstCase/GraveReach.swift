package import InterlockModel

/// The check that `interlock policy test` adds to the tests of a policy: no grave effect is reachable
/// without a person (L116, here checked on the compiled tables).
package struct GraveReach: Sendable {
    /// One sentence for each agent, tool and grave effect that is reachable by allow.
    package let problems: [String]

    package init(_ policy: PolicySnapshot, at now: Timestamp) {
        problems = policy.document.agents.flatMap { agent in
            guard let reach = WorstCase(policy, of: agent.name, at: now) else { return [String]() }
            return reach.rows.flatMap { row in
                row.easiest.filter { $0.key.isGrave && $0.value == .allow }.map(\.key.name).sorted()
                    .map { "\(agent.name) \(row.tool): \($0) is reachable by allow" }
            }
        }
    }
}
