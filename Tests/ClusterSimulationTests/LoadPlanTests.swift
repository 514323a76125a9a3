import InterlockClusterSimulation
import InterlockTesting
import Testing

/// The load on the store of 10, 100 and 1,000 nodes, next to the figures of docs/specs/cluster.md, section 12.
struct LoadPlanTests {
    @Test func `the load on the store is what the specification calculates`() throws {
        var measured: [MeasuredLoad] = []
        // The plan of 1,000 nodes takes most of a minute: it is one of the longer rounds.
        for plan in LoadPlan.all.prefix(rounds(4, part: 2)) { measured.append(try plan.measured()) }
        print(MeasuredLoad.table(measured))
        for load in measured {
            #expect(load.report.violations.isEmpty, "\(load.report)")
            let heartbeats = load.plan.calculated.heartbeatsPerSecond
            let counted = load.perSecond(.heartbeat)
            #expect(
                counted * 10 >= heartbeats * 8 && counted * 10 <= heartbeats * 12,
                "\(load.plan.nodes) nodes: \(counted) heartbeats/s")
            #expect(
                load.perSecond(.take) <= load.plan.calculated.takesPerSecond,
                "\(load.plan.nodes) nodes: \(load.perSecond(.take)) takes/s")
            #expect(load.connections == load.plan.calculated.connections)
        }
    }
}
