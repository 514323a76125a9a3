import InterlockLimits
import Testing

@Suite struct ShareLimiterTests {
    @Test func `a holder at its limit is refused, and others are not`() {
        let limiter = ShareLimiter<Int>(most: 4)
        for _ in 0..<4 { #expect(limiter.take(1)) }
        for _ in 0..<100 { #expect(!limiter.take(1)) }
        #expect(limiter.take(2, 4) && !limiter.take(2) && !limiter.take(3, 5))
        limiter.give(1)
        #expect(limiter.take(1) && !limiter.take(1))
    }

    @Test func `holders of nothing are forgotten`() {
        let limiter = ShareLimiter<Int>(most: 4)
        for holder in 0..<1_000 {
            #expect(limiter.take(holder, 3) && limiter.take(holder, 1))
            limiter.give(holder, 3)
            limiter.give(holder)
            #expect(!limiter.take(holder, 5))
        }
        #expect(limiter.count == 0)
    }
}
