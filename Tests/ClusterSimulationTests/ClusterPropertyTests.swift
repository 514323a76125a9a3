import Glibc
import InterlockClusterSimulation
import InterlockTesting
import Testing

/// The properties of docs/specs/cluster.md, section 13, in simulations of three to five nodes whose store, network,
/// clocks and processes fail. A seed that fails is printed; INTERLOCK_SEED runs it alone.
@Suite(.requirement("R111"))
struct ClusterPropertyTests {
    /// The seeds are shared out, since each part runs in one thread.
    private static let parts = 4

    private static var given: UInt64? {
        unsafe getenv("INTERLOCK_SEED").flatMap { unsafe UInt64(String(cString: $0)) }
    }

    @Test(arguments: 0..<parts) func `the properties hold after each event`(_ part: Int) throws {
        if let seed = Self.given {
            guard part == 0 else { return }
            return try check(seed)
        }
        let count = rounds(10_000, part: 50)
        for number in stride(from: part, to: count, by: Self.parts) {
            try check(UInt64(number))
        }
    }

    private func check(_ seed: UInt64) throws {
        let simulation = try ClusterSimulation(SimulationSettings(seed: seed))
        let report = simulation.run()
        if !report.violations.isEmpty { print(report) }
        #expect(report.violations.isEmpty, "\(report)")
    }

    @Test func `simulations send calls of each kind, and orders of people come between`() throws {
        var sent: [CallKind: Int] = [:]
        var appended = 0
        for seed in UInt64(0)..<12 {
            let simulation = try ClusterSimulation(SimulationSettings(seed: seed))
            let report = simulation.run()
            for (kind, count) in report.dispatches { sent[kind, default: 0] += count }
            appended += report.load[.append]?.calls ?? 0
        }
        for kind in CallKind.allCases {
            #expect(sent[kind, default: 0] > 0, "no \(kind.rawValue) was sent")
        }
        #expect(appended > 10)
    }

    @Test func `one seed has one course`() throws {
        for seed in UInt64(0)..<4 {
            let first = try ClusterSimulation(SimulationSettings(seed: seed)).run()
            let second = try ClusterSimulation(SimulationSettings(seed: seed)).run()
            #expect(first.events == second.events)
            #expect(first.dispatches == second.dispatches)
            #expect(first.load == second.load)
        }
    }
}
