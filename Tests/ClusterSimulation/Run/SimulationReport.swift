/// The size and the course of a simulation.
package struct SimulationSettings: Sendable {
    package let seed: UInt64
    package var nodes: Int
    /// The time in which faults happen.
    package var seconds = 60
    /// The guards that are left out.
    package var faults: Set<ProtocolFault> = []
    /// If false, nothing goes wrong.
    package var hasFaults = true
    /// If false, nodes send one another nothing.
    package var hasPeers = true
    /// Calls of agents in one second.
    package var callsPerSecond = 5

    /// The agents, each with two runs.
    package static let agents = 4
    /// The most calls of an agent that change something, in a minute.
    package static let most: Int64 = 24

    /// - Parameter nodes: three to five, by the seed, if nil.
    package init(seed: UInt64, nodes: Int? = nil) {
        self.seed = seed
        self.nodes = nodes ?? 3 + Int(seed % 3)
    }
}

/// What came of a simulation.
package struct SimulationReport: Sendable, CustomStringConvertible {
    package let settings: SimulationSettings
    package let plan: FaultPlan
    package let violations: [Violation]
    package let events: Int
    package let dispatches: [CallKind: Int]
    package let load: [StoreCall.Kind: StoreLoad]

    /// The seed and the violations, with the plan, so that the simulation can be run again alone.
    package var description: String {
        var lines = ["INTERLOCK_SEED=\(settings.seed): \(settings.nodes) nodes, \(events) events"]
        if !settings.faults.isEmpty {
            lines.append("left out: " + settings.faults.map(\.rawValue).sorted().joined(separator: " "))
        }
        lines += plan.items.map { "fault at \($0.at): \($0.fault)" }
        lines += violations.map(\.description)
        return lines.joined(separator: "\n")
    }
}
