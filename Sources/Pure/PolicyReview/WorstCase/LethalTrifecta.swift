import InterlockModel
import InterlockPolicy

/// The tools and hosts by which one agent reads sensitive data, reads what outsiders write, and can send. A model that
/// obeys the outsiders' text can then carry the data out (docs/specs/output-safety.md, section 7).
package struct LethalTrifecta: Sendable, Hashable {
    /// The tools that return sensitive data; at least one.
    package let sensitive: [String]
    /// The tools that return what outsiders write; at least one.
    package let outside: [String]
    /// The hosts and tools to which data can leave; at least one.
    package let exits: [String]
    /// True if people can decide about the agent's calls once its run has read what outsiders write (`taint`). They do not
    /// decide about the connections of processes.
    package let isWatched: Bool

    /// Returns nil if one of the three is missing.
    init?(
        _ rows: [WorstCase.Row], _ flows: DataFlows, of agent: AgentSpec, in policy: PolicySnapshot
    ) {
        let reads = rows.filter { row in
            guard row.effects.contains(.read), let number = policy.table.number(of: row.tool)
            else { return false }
            return policy.document.hasOutsideContent(
                in: row.tool, policy.table.rows[number].spec.flow)
        }
        sensitive = flows.sources.filter(\.isExposed).map(\.name)
        outside = reads.map(\.tool.description)
        exits = flows.sinks.filter(\.isExposed).map(\.name)
        isWatched = agent.taint != nil
        if sensitive.isEmpty || outside.isEmpty || exits.isEmpty { return nil }
    }

    /// A part of a sentence for people.
    package var words: String {
        let parts = [
            "sensitive data from \(sensitive.list)", "what outsiders write from \(outside.list)",
            "out by \(exits.list)",
        ]
        let all = parts.joined(separator: "; ")
        return isWatched ? all + "; people decide about calls after outsiders' text" : all
    }
}
