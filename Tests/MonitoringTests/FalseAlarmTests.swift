import InterlockTesting
import Testing

@testable import InterlockMonitoring

/// The acceptance data of docs/specs/limits-and-monitoring.md: 10,000 quiet windows, then 40 spikes of 60 windows at
/// five times the rate.
@Suite struct FalseAlarms {
    private static let seeds: ClosedRange<UInt64> = 1...20

    private struct Score {
        var falseAlarms: [Detector: Int] = [:]
        var delays: [Detector: [Int]] = [:]
        var misses: [Detector: Int] = [:]
    }

    /// The limits: mean number of false alerts over the seeds, and median delay in windows.
    private static let bars: [RandomCounts.Law: [Detector: (falseAlarms: Double, delay: Double)]] =
        [
            .poisson: [
                .ewma: (1, 0), .cusum: (5, 0), .pageHinkley: (1, 1), .robustZ: (1, 0),
            ],
            .overdispersed: [
                .ewma: (5, 1), .cusum: (21, 1), .pageHinkley: (4, 1), .robustZ: (8, 1),
            ],
            .sparse: [
                .ewma: (20, 3.5), .cusum: (83, 4), .pageHinkley: (18, 5.5), .robustZ: (6, 7),
            ],
        ]

    private static func play(_ law: RandomCounts.Law, _ seed: UInt64) -> Score {
        var counts = RandomCounts(law, seed: seed)
        var monitor = SeriesMonitor(.calls)
        var score = Score()
        for window in 0..<10_000 {
            let readings = monitor.close(counts.next(), hour: Int64(window / 60))
            for detector in Detector.allCases where readings[detector]?.isOver == true {
                score.falseAlarms[detector, default: 0] += 1
            }
        }
        for spike in 0..<40 {
            var waiting = Set(Detector.allCases)
            for window in 0..<100 {
                let isSpike = window < 60
                let readings = monitor.close(
                    counts.next(times: isSpike ? 5 : 1), hour: Int64(168 + spike))
                guard isSpike else { continue }
                for detector in Detector.allCases where readings[detector]?.isOver == true {
                    guard waiting.remove(detector) != nil else { continue }
                    score.delays[detector, default: []].append(window)
                }
            }
            for detector in waiting { score.misses[detector, default: 0] += 1 }
        }
        return score
    }

    @Test(.requirement("R104"), arguments: RandomCounts.Law.allCases)
    func `false alarms, delays and misses are within the table`(_ law: RandomCounts.Law) throws {
        let scores = Self.seeds.map { Self.play(law, $0) }
        for detector in Detector.allCases {
            let bar = try #require(Self.bars[law]?[detector])
            let alarms = scores.reduce(0) { $0 + ($1.falseAlarms[detector] ?? 0) }
            let mean = Double(alarms) / Double(scores.count)
            let delays = scores.flatMap { $0.delays[detector] ?? [] }.sorted()
            let median = try #require(delays.isEmpty ? nil : delays[delays.count / 2])
            let misses = scores.reduce(0) { $0 + ($1.misses[detector] ?? 0) }
            print("\(law) \(detector.rawValue): \(mean) false, delay \(median), missed \(misses)")
            #expect(mean <= bar.falseAlarms, "\(detector)")
            #expect(Double(median) <= bar.delay + 1, "\(detector)")
            #expect(misses <= scores.count, "\(detector): one of 40")
        }
    }
}
