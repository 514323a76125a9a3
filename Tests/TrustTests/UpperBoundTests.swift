import InterlockEvals
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The bounds of docs/specs/trust-and-review.md, section 3.
@Suite(.requirement("R124", "R125")) struct UpperBoundTests {
    private func bound(_ interval: TrustInterval, _ k: Int, _ n: Int) -> Double {
        interval.upperBound(PassRate(k, of: n).unwrapped)
    }

    /// Cases, all, and the upper bounds of Wilson and of Clopper and Pearson.
    private static let known: [(Int, Int, Double, Double)] = [
        (0, 50, 0.0713476, 0.07112174), (1, 50, 0.10495444, 0.10646955),
        (3, 300, 0.02898349, 0.02894451), (4, 300, 0.03377553, 0.0337849),
        (7, 3000, 0.00480882, 0.00480161), (8, 3000, 0.0052535, 0.0052476),
        (0, 1000, 0.00382676, 0.00368208), (0, 3000, 0.00127885, 0.00122887),
        (20, 1000, 0.03069001, 0.03072003), (5, 10, 0.76340691, 0.81291397),
        (9, 10, 0.98212379, 0.99747142), (1, 1, 1, 1), (0, 1, 0.79345069, 0.975),
    ]

    @Test func `bounds have the known values`() {
        for (k, n, wilson, exact) in Self.known {
            #expect(abs(bound(.wilson, k, n) - wilson) < 1e-6, "\(k) in \(n)")
            #expect(abs(bound(.clopperPearson, k, n) - exact) < 1e-6, "\(k) in \(n)")
        }
    }

    @Test func `the defaults admit exactly the counts of the specification`() {
        let steps = TrustCriteria.standard.stages
        for interval in TrustInterval.allCases {
            #expect(bound(interval, 0, 50) <= steps.assisted.agentDenials.double)
            #expect(bound(interval, 1, 50) > steps.assisted.agentDenials.double)
            #expect(bound(interval, 3, 300) <= steps.bounded.agentDenials.double)
            #expect(bound(interval, 4, 300) > steps.bounded.agentDenials.double)
            #expect(bound(interval, 7, 3_000) <= steps.full.agentDenials.double)
            #expect(bound(interval, 8, 3_000) > steps.full.agentDenials.double)
        }
    }

    @Test func `a rate is written with its interval`() {
        let rate = PassRate(3, of: 300).unwrapped
        #expect(
            TrustInterval.wilson.text(rate) == "3/300, 1.00 %, 95 % interval 0.34 to 2.90 %")
    }

    @Test func `an exact bound of many cases is near the rate`() {
        let upper = bound(.clopperPearson, 30_000, 100_000)
        #expect(upper > 0.3 && upper < 0.304)
        #expect(bound(.clopperPearson, 0, PassRate.most) > 0)
        #expect(bound(.clopperPearson, PassRate.most, PassRate.most) == 1)
    }

    @Test func `one more case never lowers a bound`() {
        var random = SeededGenerator.announced()
        for interval in TrustInterval.allCases {
            for _ in 0..<rounds(1_000) {
                let n = Int.random(in: 1...400, using: &random)
                let k = Int.random(in: 0...n, using: &random)
                let before = bound(interval, k, n)
                #expect(bound(interval, k + 1, n + 1) >= before - 1e-9, "\(k) in \(n)")
                if k < n { #expect(bound(interval, k + 1, n) >= before - 1e-9, "\(k) in \(n)") }
                #expect(before >= Double(k) / Double(n) - 1e-12)
            }
        }
    }
}
