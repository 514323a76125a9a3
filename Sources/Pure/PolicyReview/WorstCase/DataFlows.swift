package import InterlockModel
import InterlockPolicy

/// The tools and hosts between which data can flow through an agent: what it reads from one tool, it can pass to every
/// tool that changes something or sends data out, and to every host of its egress.
package struct DataFlows: Sendable {
    /// A tool or a host at one end of a flow.
    package struct End: Sendable, Hashable {
        /// The address of the tool, or the host with its port.
        package let name: String
        /// The effects of its calls, gravest first; empty for a host.
        package let effects: [Effect]
        /// The most permissive verdict of its calls; nil for a host, for which no call is decided.
        package let verdict: Verdict?
        /// True for a source that returns sensitive data, and for a sink outside the organisation: a host, or a tool
        /// that faces customers or sends data out.
        package let isExposed: Bool

        package init(name: String, effects: [Effect], verdict: Verdict?, isExposed: Bool) {
            self.name = name
            self.effects = effects
            self.verdict = verdict
            self.isExposed = isExposed
        }
    }

    /// The tools from which the agent reads, those with sensitive data first.
    package let sources: [End]
    /// The tools and hosts to which the agent writes, those outside the organisation first.
    package let sinks: [End]

    package init(sources: [End], sinks: [End]) {
        (self.sources, self.sinks) = (sources, sinks)
    }

    /// - Parameter rows: the reachable tools, most severe first.
    init(_ rows: [WorstCase.Row], egress: [String]) {
        func end(_ row: WorstCase.Row, _ isExposed: Bool) -> End {
            End(
                name: row.tool.description,
                effects: Effect.gravestFirst.filter(row.effects.contains),
                verdict: row.verdicts.first, isExposed: isExposed)
        }
        func exposedFirst(_ ends: [End]) -> [End] {
            ends.filter(\.isExposed) + ends.filter { !$0.isExposed }
        }
        sources = exposedFirst(
            rows.filter { $0.effects.contains(.read) }
                .map { end($0, $0.effects.contains(.sensitiveData)) })
        let hosts = egress.map { End(name: $0, effects: [], verdict: nil, isExposed: true) }
        let tools = rows.compactMap { row -> End? in
            let isOpen = row.sends || row.effects.contains(.customerFacing)
            return isOpen || row.toolClass != .read ? end(row, isOpen) : nil
        }
        sinks = hosts + exposedFirst(tools)
    }

    /// The flows of sensitive data to the outside, such as `crm.get_customer -> api.carrier.example:443`.
    package var sensitive: [String] {
        let outside = sinks.filter(\.isExposed)
        return sources.filter(\.isExposed).flatMap { source in
            outside.filter { $0.name != source.name }.map { "\(source.name) -> \($0.name)" }
        }
    }
}
