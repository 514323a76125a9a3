import InterlockEvals
import InterlockTesting
import Testing

@testable import InterlockTrust

/// The cumulative sum of denials over runs (docs/specs/trust-and-review.md, section 6).
@Suite(.requirement("R128")) struct DenialCusumTests {
    private func rate(_ tenThousandths: Int) -> Fraction {
        Fraction(tenThousandths: tenThousandths).unwrapped
    }

    /// The sums after each run, where an alarm is nil.
    private func sums(_ tenThousandths: Int, _ runs: [Bool]) -> [Int?] {
        var cusum = DenialCusum(expecting: rate(tenThousandths))
        return runs.map { cusum.add(isDenied: $0) ? nil : cusum.sum }
    }

    /// Computed by hand: at 10 % the deviation is 0.3, at 3 % 0.17059.
    @Test func `known sums`() {
        #expect(sums(1_000, [true, false, true, true]) == [2_500, 1_667, 4_167, 6_667])
        #expect(sums(1_000, [true, true, true, true, true]) == [2_500, 5_000, 7_500, nil, 2_500])
        #expect(sums(300, [true, true]) == [5_186, nil])
        #expect(sums(300, [true, false, false, false, true]) == [5_186, 4_510, 3_834, 3_158, nil])
        #expect(
            sums(300, [true, false, false, false, false, true])
                == [5_186, 4_510, 3_834, 3_158, 2_482, 7_668])
        #expect(sums(5_000, [true, false]) == [500, 0])
    }

    @Test func `one denial alone never raises an alarm, whatever the criteria expect`() {
        for expected in [1, 50, 299, 300, 301, 1_000, 5_000, 10_000] {
            var cusum = DenialCusum(expecting: rate(expected))
            let first = cusum.add(isDenied: true)
            #expect(!first, "\(expected)")
        }
    }

    @Test func `a stage expects what its criteria admit`() {
        let criteria = TrustCriteria.standard
        let expected: [(AutonomyStage, Int)] = [
            (.gated, 1_000), (.assisted, 1_000), (.bounded, 300), (.full, 300),
        ]
        for (stage, tenThousandths) in expected {
            #expect(
                DenialCusum(at: stage, under: criteria)
                    == DenialCusum(expecting: rate(tenThousandths)))
        }
    }

    /// Any number of clean runs before a wave delays its alarm by nothing.
    @Test func `clean runs are no reserve`() {
        var cusum = DenialCusum(expecting: rate(1_000))
        for _ in 0..<10_000 {
            let isAlarm = cusum.add(isDenied: false)
            #expect(!isAlarm && cusum.sum == 0)
        }
        let wave = (0..<4).map { _ in cusum.add(isDenied: true) }
        #expect(wave == [false, false, false, true])
    }

    @Test func `one more denial never lowers the sum, and it stays in its range`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(2_000) {
            let expected = rate(Int.random(in: 0...10_000, using: &random))
            var low = DenialCusum(expecting: expected)
            var isAlarm = false
            for _ in 0..<Int.random(in: 1...60, using: &random) where !isAlarm {
                var high = low
                let highAlarm = high.add(isDenied: true)
                var clean = low
                let cleanAlarm = clean.add(isDenied: false)
                #expect(!cleanAlarm && clean.sum <= low.sum)
                #expect(highAlarm || high.sum > low.sum)
                let isDenied = Bool.random(using: &random)
                isAlarm = isDenied && highAlarm
                low = isDenied ? high : clean
                #expect((0...DenialCusum.limit).contains(low.sum))
            }
        }
    }
}
