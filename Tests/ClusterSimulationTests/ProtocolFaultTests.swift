import InterlockClusterSimulation
import InterlockTesting
import Testing

/// Guards that are left out on purpose: the properties notice each within a number of seeds.
@Suite(.requirement("R111"))
struct ProtocolFaultTests {
    /// The seeds in which a fault must be found.
    private static let most: UInt64 = 400

    @Test(arguments: ProtocolFault.allCases)
    func `a protocol without one of its guards is found`(_ fault: ProtocolFault) throws {
        for seed in 0..<Self.most {
            let settings = SimulationSettings(seed: seed, leavingOut: fault)
            let report = try ClusterSimulation(settings).run()
            guard report.violations.isEmpty else {
                print(report)
                // The seed alone finds it again.
                let again = try ClusterSimulation(settings).run()
                #expect(again.violations.map(\.description) == report.violations.map(\.description))
                return
            }
        }
        Issue.record("\(fault.rawValue) is not found in \(Self.most) seeds")
    }

    /// The plans that are made for a fault break nothing by themselves.
    @Test(arguments: ProtocolFault.allCases)
    func `the plan for a fault harms no protocol with all its guards`(
        _ fault: ProtocolFault
    ) throws {
        for seed in UInt64(0)..<3 {
            var settings = SimulationSettings(seed: seed, leavingOut: fault)
            settings.planned = fault
            settings.faults = []
            let report = try ClusterSimulation(settings).run()
            #expect(report.violations.isEmpty, "\(report)")
        }
    }
}
