/// The load that a number of nodes puts on the store, as the model counts it, without faults.
package struct LoadPlan: Sendable {
    /// The figures that docs/specs/cluster.md, section 12, calculates for a number of nodes.
    package struct Calculated: Sendable {
        package let heartbeatsPerSecond: Int
        package let takesPerSecond: Int
        package let connections: Int
    }

    package let nodes: Int
    package let calculated: Calculated
    /// The simulated time, in seconds.
    package static let seconds = 20
    /// The connections of a node to the store: four for calls, and one for heartbeats.
    package static let connectionsOfNode = 5

    package static let all = [
        LoadPlan(
            nodes: 10,
            calculated: Calculated(
                heartbeatsPerSecond: 20, takesPerSecond: 50, connections: 50)),
        LoadPlan(
            nodes: 100,
            calculated: Calculated(
                heartbeatsPerSecond: 200, takesPerSecond: 500, connections: 500)),
        LoadPlan(
            nodes: 1000,
            calculated: Calculated(
                heartbeatsPerSecond: 500, takesPerSecond: 1000, connections: 5000)),
    ]

    /// The settings of the simulation: one agent for each node, one call of each in a second, and three gated calls of
    /// all in a second.
    package var settings: SimulationSettings {
        var settings = SimulationSettings(seed: 1, nodes: nodes)
        settings.hasFaults = false
        settings.hasPeers = false
        settings.agents = nodes
        settings.callsPerSecond = nodes
        settings.most = 600
        settings.haltsPerMille = 0
        settings.gatedPerMille = 3000 / nodes
        settings.quietSeconds = Self.seconds + 10
        return settings
    }

    package init(nodes: Int, calculated: Calculated) {
        self.nodes = nodes
        self.calculated = calculated
    }

    package func measured() throws -> MeasuredLoad {
        let simulation = try ClusterSimulation(settings)
        let report = simulation.run()
        return MeasuredLoad(plan: self, report: report)
    }
}

/// The counts of the simulation of a plan.
package struct MeasuredLoad: Sendable {
    package let plan: LoadPlan
    package let report: SimulationReport

    private var seconds: Int { plan.settings.quietSeconds }

    package func perSecond(_ kinds: StoreCall.Kind...) -> Int {
        let calls = kinds.reduce(0) { $0 + (report.load[$1]?.calls ?? 0) }
        return calls / seconds
    }

    package var bytesPerSecond: Int {
        report.load.values.reduce(0) { $0 + $1.bytes } / seconds
    }

    /// The connections of the nodes to the store, and the other nodes that each reaches once a second.
    package var connections: Int { plan.nodes * LoadPlan.connectionsOfNode }
    package var peers: Int { plan.nodes - 1 }

    /// The rows of the table, each a label and a figure.
    package var rows: [(label: String, figure: Int)] {
        var rows: [(label: String, figure: Int)] = StoreCall.Kind.allCases.map {
            (label: "\($0.rawValue)/s", figure: perSecond($0))
        }
        rows.append((label: "bytes/s", figure: bytesPerSecond))
        rows.append((label: "connections", figure: connections))
        rows.append((label: "peers of a node", figure: peers))
        let sent = report.dispatches.values.reduce(0, +)
        rows.append((label: "calls sent/s", figure: sent / seconds))
        rows.append(
            (label: "calculated: heartbeats/s", figure: plan.calculated.heartbeatsPerSecond))
        rows.append((label: "calculated: takes/s", figure: plan.calculated.takesPerSecond))
        rows.append((label: "calculated: connections", figure: plan.calculated.connections))
        return rows
    }

    /// One line for each figure, one column for each plan.
    package static func table(_ measured: [MeasuredLoad]) -> String {
        guard let first = measured.first else { return "" }
        let head = ["nodes"] + measured.map { "\($0.plan.nodes)" }
        var lines = [head]
        let columns = measured.map(\.rows)
        for (place, row) in first.rows.enumerated() {
            lines.append([row.label] + columns.map { "\($0[place].figure)" })
        }
        return lines.map { aligned($0) }.joined(separator: "\n")
    }

    private static func aligned(_ line: [String]) -> String {
        var text = ""
        for (place, cell) in line.enumerated() {
            let width = place == 0 ? 26 : 12
            let space = String(repeating: " ", count: max(0, width - cell.count))
            text += place == 0 ? cell + space : space + cell
        }
        return text
    }
}
