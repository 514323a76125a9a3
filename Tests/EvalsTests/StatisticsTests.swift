import InterlockTesting
import Testing

@testable import InterlockEvals

/// The numbers of docs/specs/evals.md, section 4, and what holds of all of them.
@Suite(.requirement("R122")) struct StatisticsTests {
    private func rate(_ passes: Int, _ total: Int) -> PassRate {
        PassRate(passes, of: total).unwrapped
    }

    private func paired(_ lost: Int, _ gained: Int, _ pairs: Int) -> PairedCases {
        PairedCases(lost: lost, gained: gained, of: pairs).unwrapped
    }

    private func near(_ a: Double, _ b: Double, _ distance: Double = 5e-5) -> Bool {
        abs(a - b) <= distance
    }

    @Test func `intervals of Wilson have the known bounds`() {
        #expect(near(rate(20, 1000).wilson.lowerBound, 0.01298368))
        #expect(near(rate(20, 1000).wilson.upperBound, 0.03069001))
        #expect(near(rate(0, 1000).wilson.upperBound, 0.00382676))
        #expect(rate(0, 1000).wilson.lowerBound == 0 && rate(7, 7).wilson.upperBound == 1)
        #expect(near(rate(39, 40).wilson.lowerBound, 0.8711863))
        #expect(near(rate(39, 40).wilson.upperBound, 0.9955732))
        #expect(rate(20, 1000).text == "20/1000, 2.0 %, 95 % interval 1.3 to 3.1 %")
        #expect(rate(0, 1000).text == "0/1000, 0.0 %, 95 % interval 0.0 to 0.4 %")
    }

    @Test func `no rate is made of no trials, nor of numbers that do not fit`() {
        #expect(PassRate(0, of: 0) == nil && PassRate(-1, of: 3) == nil)
        #expect(PassRate(4, of: 3) == nil && PassRate(1, of: PassRate.most + 1) == nil)
        #expect(ZeroFailures.bound(0) == nil && ZeroFailures.bound(-1) == nil)
        #expect(PairedCases(lost: 0, gained: 0, of: 0) == nil)
        #expect(PairedCases(lost: 2, gained: 2, of: 3) == nil)
        #expect(PairedCases(lost: -1, gained: 0, of: 3) == nil)
        #expect(rate(3, 5).passAlways(in: 0) == nil && rate(3, 5).passAlways(in: 6) == nil)
        #expect(Holm.adjusted([0.1, .nan]) == nil && Holm.adjusted([1.1]) == nil)
        #expect(Holm.adjusted([-0.1]) == nil && Holm.adjusted([]) == [])
    }

    @Test func `trials without a failure have the known bounds`() {
        for (trials, bound) in [(59, 0.05), (299, 0.01), (2995, 0.001)] {
            #expect(ZeroFailures.bound(trials).unwrapped <= bound)
            #expect(ZeroFailures.bound(trials - 1).unwrapped > bound)
        }
        #expect(near(ZeroFailures.bound(60).unwrapped, 0.0487))
        #expect(near(ZeroFailures.bound(1).unwrapped, 0.95, 1e-12))
        #expect(ZeroFailures.bound(PassRate.most).unwrapped > 0)
    }

    @Test func `pass at k and pass of all k are drawn without replacement`() {
        #expect(near(rate(3, 5).passAtLeastOnce(in: 2).unwrapped, 0.9, 1e-12))
        #expect(near(rate(3, 5).passAlways(in: 2).unwrapped, 0.3, 1e-12))
        #expect(rate(3, 5).passAlways(in: 4) == 0 && rate(3, 5).passAtLeastOnce(in: 3) == 1)
        #expect(rate(5, 5).passAlways(in: 5) == 1 && rate(0, 5).passAtLeastOnce(in: 5) == 0)
    }

    /// b, c and the p-value.
    private static let anchors: [(Int, Int, Double)] = [
        (6, 0, 0.03125), (5, 0, 0.0625), (7, 1, 0.0703125), (10, 2, 0.03857421875), (0, 0, 1),
        (1, 0, 1), (3, 3, 1), (9, 1, 0.021484375),
    ]

    @Test(arguments: anchors)
    func `McNemar's exact test has the known values, in both directions`(
        _ lost: Int, _ gained: Int, _ p: Double
    ) {
        #expect(paired(lost, gained, 100).mcNemar == p)
        #expect(paired(gained, lost, 100).mcNemar == p)
    }

    @Test func `the sum for many pairs is that for few, and is never 0`() {
        // The same value from both ways where they meet, by C(63,i) = C(62,i) + C(62,i-1).
        for least in 0...31 {
            let few = paired(62 - least, least, 100).mcNemar
            let fewer = paired(62 - least + 1, least - 1 < 0 ? 0 : least - 1, 100).mcNemar
            let many = paired(63 - least, least, 100).mcNemar
            // P(X <= k) of 63 is the mean of P(X <= k) and P(X <= k-1) of 62.
            let below = least == 0 ? 0 : paired(62 - (least - 1), least - 1, 100).mcNemar
            guard few < 1 else { continue }
            #expect(near(many, (few + below) / 2, 1e-12 * many), "\(least)")
            #expect(fewer <= few)
        }
        #expect(paired(10_000, 0, 10_000).mcNemar > 0)
        #expect(paired(5000, 5000, 10_000).mcNemar == 1)
        #expect(near(paired(5100, 4900, 10_000).mcNemar, 0.0466, 1e-3))
        #expect(paired(1_000_000, 0, 1_000_000).mcNemar > 0)
    }

    @Test func `the bound of a drop has the known values`() {
        #expect(RateText.percent(paired(1, 0, 40).dropBound) == "7.9 %")
        #expect(RateText.percent(paired(2, 0, 40).dropBound) == "11.4 %")
        #expect(EvalFraction(paired(1, 0, 40).dropBound)?.text == "0.0789")
        for (margin, pairs) in [("0.10", 15), ("0.05", 31), ("0.01", 163)] {
            let margin = Fraction(margin).unwrapped
            #expect(PairedCases.needed(for: margin) == pairs)
            #expect(paired(0, 0, pairs).dropBound <= margin.double)
            #expect(paired(0, 0, pairs - 1).dropBound > margin.double)
        }
        #expect(PairedCases.needed(for: Fraction("0").unwrapped) == nil)
        #expect(PairedCases.needed(for: Fraction("1").unwrapped) == 1)
    }

    @Test func `Holm's correction steps down and keeps the order`() {
        #expect(Holm.adjusted([0.01]) == [0.01])
        let adjusted = Holm.adjusted([0.04, 0.01, 0.03]).unwrapped
        #expect(near(adjusted[1], 0.03, 1e-12) && near(adjusted[2], 0.06, 1e-12))
        #expect(near(adjusted[0], 0.06, 1e-12))
        #expect(Holm.adjusted([0.9, 0.9]) == [1, 1])
    }

    @Test func `every interval contains the rate, and is within 0 and 1`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(20_000) {
            let total = Int.random(in: 1...3000, using: &random)
            let one = rate(Int.random(in: 0...total, using: &random), total)
            let bounds = one.wilson
            #expect(bounds.contains(one.rate), "\(one)")
            #expect(bounds.lowerBound >= 0 && bounds.upperBound <= 1, "\(one)")
            let k = Int.random(in: 1...total, using: &random)
            let always = one.passAlways(in: k).unwrapped
            // The two are one number for one trial, computed in two ways.
            let once = one.passAtLeastOnce(in: k).unwrapped
            #expect(always >= 0 && always <= once + 1e-12, "\(one) \(k)")
        }
    }

    @Test func `one more lost case never lowers the bound nor helps McNemar`() {
        var random = SeededGenerator.announced()
        for _ in 0..<rounds(20_000) {
            let pairs = Int.random(in: 1...300, using: &random)
            let lost = Int.random(in: 0...pairs, using: &random)
            let gained = Int.random(in: 0...(pairs - lost), using: &random)
            let one = paired(lost, gained, pairs)
            #expect(one.mcNemar == paired(gained, lost, pairs).mcNemar, "\(one)")
            #expect(one.mcNemar > 0 && one.mcNemar <= 1, "\(one)")
            var worse: [PairedCases] = [paired(lost + 1, gained, pairs + 1)]
            if lost + gained < pairs { worse.append(paired(lost + 1, gained, pairs)) }
            if gained > 0 { worse.append(paired(lost, gained - 1, pairs)) }
            for other in worse {
                #expect(other.dropBound >= one.dropBound - 1e-12, "\(one) \(other)")
                if lost > gained { #expect(other.mcNemar <= one.mcNemar + 1e-12, "\(one)") }
            }
        }
    }

    @Test func `numbers are written with fixed digits, and one that is none is no number`() {
        #expect(RateText.decimal(0.05, digits: 1) == "0.1")
        #expect(RateText.decimal(-0.04, digits: 1) == "0.0")
        #expect(RateText.decimal(-1.26, digits: 1) == "-1.3")
        #expect(
            RateText.decimal(12.005, digits: 2) == "12.01"
                || RateText.decimal(12.005, digits: 2) == "12.00")
        #expect(RateText.decimal(.nan, digits: 2) == "nan")
        #expect(RateText.decimal(.infinity, digits: 2) == "nan")
        #expect(EvalFraction(1)?.text == "1" && EvalFraction(0.5)?.text == "0.5")
        #expect(RateText.pValue(1e-9) == "0.0001" && RateText.pValue(1) == "1")
    }
}
