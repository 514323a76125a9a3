package import InterlockModel

/// The check that `interlock policy test` adds to the tests of a policy: nothing grave is reachable
/// without a person (L116, here seen on the compiled tables).
package struct GraveReach: Sendable {
    /// One for each agent and tool, sorted.
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
