/// The size and the course of a simulation.
package struct SimulationSettings: Sendable {
    package let seed: UInt64
    package var nodes: Int
    /// The time in which faults happen.
    package var seconds = 45
    /// The guards that are left out.
    package var faults: Set<ProtocolFault> = []
    /// The fault for which the plan is made; a random plan if nil.
    package var planned: ProtocolFault?
    /// If false, nothing goes wrong.
    package var hasFaults = true
    /// If false, nodes send one another nothing.
    package var hasPeers = true
    /// Calls of agents in one second.
    package var callsPerSecond = 5

    /// The number of calls of 1,000 that wait for people.
    package var gatedPerMille = 250
    /// The number of calls of 1,000 that come with the halt of an agent or the organisation.
    package var haltsPerMille = 12
    /// If true, each halt is followed by one of another agent with the same id.
    package var haltsShareIDs = false
    /// The agents, each with two runs.
    package var agents = 4
    /// The most calls of an agent that change something, in a minute.
    package var most: Int64 = 24
    /// The time after the last fault, in seconds.
    package var quietSeconds = 30

    /// - Parameter nodes: three to five, by the seed, if nil.
    package init(seed: UInt64, nodes: Int? = nil) {
        self.seed = seed
        self.nodes = nodes ?? 3 + Int(seed % 3)
    }

    /// A simulation without a guard of the protocols. Its plan has what makes the fault matter.
    package init(seed: UInt64, leavingOut fault: ProtocolFault) {
        self.init(seed: seed)
        faults = [fault]
        planned = fault
        switch fault {
        case .leaseFromReceipt:
            callsPerSecond = 20
            haltsPerMille = 50
            most = 10_000
        case .renewUnapplied: haltsPerMille = 50
        case .endedLeaseForgotten, .reportedUseForgotten, .expelEarly, .steppedClockUsed:
            callsPerSecond = 12
        case .haltsByID:
            callsPerSecond = 20
            haltsPerMille = 20
            haltsShareIDs = true
            quietSeconds = 60
        case .quorumUncompared:
            callsPerSecond = 20
            haltsPerMille = 0
        case .unsignedEntry: haltsPerMille = 50
        case .headsIgnored:
            hasPeers = false
            callsPerSecond = 3
            gatedPerMille = 1000
            haltsPerMille = 0
        case .useInTwoSteps, .repairUnlinked, .claimWithoutIncarnation,
            .useWithoutEntries, .generationUnchecked, .unknownIsSuccess, .useUncompared:
            break
        }
    }
}

/// The result of a simulation.
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
            let names = settings.faults.map(\.rawValue).sorted()
            lines.append("left out: " + names.joined(separator: " "))
        }
        lines += plan.items.map { "fault at \($0.at): \($0.fault)" }
        lines += violations.map(\.description)
        return lines.joined(separator: "\n")
    }
}
