import InterlockLimits
import InterlockModel
import InterlockTesting
import Testing

@Suite struct `Limits at the door` {
    @Test func `a burst at once, then one each so often`() throws {
        var pace = BurstRateLimiter()
        let rate = try #require(PaceRate("600/m"))
        let start = BootTime(microseconds: 5_000_000)
        func take(_ milliseconds: Int) -> Duration? {
            pace.take(rate, burst: 100, at: start + .milliseconds(milliseconds))
        }
        let first = (0..<100).map { _ in take(0) == nil }
        #expect(first.allSatisfy { $0 })
        let then = [take(0), take(99), take(100), take(100)]
        #expect(then == [.milliseconds(100), .milliseconds(1), nil, .milliseconds(100)])
    }

    /// Compares the limiter with a list of all admitted requests: no window admits more than the burst plus the rate's
    /// share of it.
    @Test func `no window of any start has more than burst and pace give`() throws {
        var random = SeededGenerator.announced()
        for text in ["3/s", "600/m", "7/h", "1000000000/s"] {
            let rate = try #require(PaceRate(text))
            let burst = Int.random(in: 1...20, using: &random)
            var pace = BurstRateLimiter()
            var taken: [Int64] = []
            var now: Int64 = 1_000_000
            for _ in 0..<2_000 {
                now += Int64.random(
                    in: 0...max(1, 2 * rate.seconds * 1_000_000 / rate.count), using: &random)
                if pace.take(rate, burst: burst, at: BootTime(microseconds: now)) == nil {
                    taken.append(now)
                }
            }
            for (place, start) in taken.enumerated().dropLast(burst) {
                let span = taken[place + burst] - start
                let given = Double(span) * Double(rate.count) / Double(rate.seconds * 1_000_000)
                #expect(given >= 0.999 || rate.count > 1_000_000)
            }
            #expect(taken.count > burst)
        }
    }

    @Test(arguments: [
        "0/m", "-1/m", "+1/m", "1.5/m", "1e3/m", "NaN/m", "Infinity/m", "9223372036854775808/m",
        "/m",
        "60", "60/", "60/w", "60/mm", "060/m", "60 /m", "off", "unlimited", "",
    ])
    func `what is no rate is none`(_ text: String) { #expect(PaceRate(text) == nil) }

    @Test(arguments: ["1/s", "600/m", "25/h", "1000000000000/d", "9223372036854775807/d"])
    func `a rate reads back as it was written`(_ text: String) {
        #expect(PaceRate(text)?.description == text)
    }

    @Test func `the ends of both ranges fit`() throws {
        var pace = BurstRateLimiter()
        for text in ["1/d", "1000000000/s"] {
            let rate = try #require(PaceRate(text))
            for now in [0, 1, Int64.max] {
                _ = pace.take(rate, burst: 100_000, at: BootTime(microseconds: now))
            }
            pace = BurstRateLimiter()
        }
    }
}
