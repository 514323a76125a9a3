package import InterlockModel
package import InterlockPolicy

/// A simulation with the time whose calls it decided again.
package struct SimulatedPeriod: Sendable {
    package let simulation: PolicySimulation
    /// The time of the oldest record that was read.
    package let since: Timestamp
    package let until: Timestamp
    /// True if a bound was reached before all calls of the requested time were decided again; the newest were.
    package let isCut: Bool

    package init(
        simulation: PolicySimulation, since: Timestamp, until: Timestamp, isCut: Bool
    ) {
        self.simulation = simulation
        self.since = since
        self.until = until
        self.isCut = isCut
    }

    /// The part that is about some agents; see `PolicySimulation.part`.
    package func part(where isIncluded: (AgentName?) -> Bool) -> SimulatedPeriod {
        SimulatedPeriod(
            simulation: simulation.part(where: isIncluded), since: since, until: until,
            isCut: isCut)
    }
}

/// The part of a simulation that is visible to one reader.
package struct SimulationView: Sendable {
    package typealias Unknown = PolicySimulation.Unknown

    package let since: Timestamp
    package let until: Timestamp
    /// True if only the newest calls of the requested time were decided again.
    package let isCut: Bool
    /// True if the reader may read the records of all agents.
    package let isWhole: Bool
    /// The number of calls that were decided again.
    package let decided: Int
    package let unknown: [Unknown: Int]
    /// The number of calls for which people are asked.
    package let approvals: (before: Int, after: Int)
    /// Easier ones first.
    package let changes: [PolicySimulation.Change]
    /// The rules of the revision by the calls that they would have decided.
    package let coverage: RuleCoverage
    /// The rules of the policy in force by the calls that rules of their names decided.
    package let recorded: RuleCoverage

    package init(
        since: Timestamp, until: Timestamp, isCut: Bool, isWhole: Bool, decided: Int,
        unknown: [Unknown: Int], approvals: (before: Int, after: Int),
        changes: [PolicySimulation.Change], coverage: RuleCoverage, recorded: RuleCoverage
    ) {
        self.since = since
        self.until = until
        self.isCut = isCut
        self.isWhole = isWhole
        self.decided = decided
        self.unknown = unknown
        self.approvals = approvals
        self.changes = changes
        self.coverage = coverage
        self.recorded = recorded
    }

    /// - Parameter active: the policy in force.
    package init(_ part: SimulatedPeriod, isWhole: Bool, over active: PolicySnapshot) {
        let simulation = part.simulation
        self.init(
            since: part.since, until: part.until, isCut: part.isCut, isWhole: isWhole,
            decided: simulation.decided, unknown: simulation.unknown,
            approvals: simulation.approvals, changes: simulation.changes,
            coverage: simulation.coverage, recorded: simulation.recordedCoverage(of: active))
    }

    package func count(_ direction: PolicySimulation.Direction) -> Int {
        changes.reduce(0) { $0 + ($1.direction == direction ? $1.count : 0) }
    }
}
