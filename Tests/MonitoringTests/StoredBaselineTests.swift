import Testing

@testable import InterlockMonitoring

@Suite struct KeptBaselines {
    private static func trained(_ seed: UInt64, windows: Int) -> AgentMonitor {
        var counts = RandomCounts(.poisson, seed: seed)
        var monitor = AgentMonitor(DetectorSettings(), seconds: 0)
        for window in 1...windows {
            monitor.observe(.calls, counts.next())
            _ = monitor.close(seconds: Int64(window) * 60, hour: Int64(window) / 60, isHeld: false)
        }
        return monitor
    }

    @Test(arguments: [1, 60, 161, 1_500, 45_000])
    func `what was learned is read as it was written`(windows: Int) throws {
        let bytes = Self.trained(5, windows: windows).learned
        #expect(bytes.count <= MonitorBytes.most)
        var next = AgentMonitor(DetectorSettings(), seconds: 0)
        try next.restore(bytes)
        #expect(next.learned == bytes)
    }

    @Test func `a spike is noticed in the first window of the next process`() throws {
        let earlier = Self.trained(9, windows: 1_500)
        var next = AgentMonitor(DetectorSettings(), seconds: 0)
        try next.restore(earlier.learned)
        #expect(next.learned(.calls) == earlier.learned(.calls))
        next.observe(.calls, 25)
        #expect(next.close(seconds: 60, hour: 25, isHeld: false).map(\.series) == [.calls])
    }

    @Test func `bytes that are cut, longer, or no numbers teach nothing`() throws {
        let bytes = Self.trained(3, windows: 300).learned
        let cold = AgentMonitor(DetectorSettings(), seconds: 0).learned
        var next = AgentMonitor(DetectorSettings(), seconds: 0)
        for count in bytes.indices {
            #expect(throws: MonitorUnreadable.self) { try next.restore(Array(bytes.prefix(count))) }
        }
        #expect(throws: MonitorUnreadable.self) { try next.restore(bytes + [0]) }
        for wrong in [Double.nan, .infinity, -1, 1e23] {
            var changed = bytes
            // The sum of the first block follows version, kind and the number of blocks.
            for byte in 0..<8 {
                changed[3 + byte] = UInt8(truncatingIfNeeded: wrong.bitPattern >> UInt64(8 * byte))
            }
            #expect(throws: MonitorUnreadable.self) { try next.restore(changed) }
        }
        #expect(next.learned == cold)
    }
}
