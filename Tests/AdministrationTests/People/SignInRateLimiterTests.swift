import InterlockModel
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor

/// The addresses whose tries to sign in are counted together.
struct SignInRateLimiterTests {
    @Test func `addresses beyond those that are remembered share one place`() {
        var pace = SignInRateLimiter()
        let now = FakeClock().now.wall
        for number in 0..<SignInRateLimiter.most { _ = pace.admit("a\(number)", at: now) }
        var granted = 0
        while granted < 100, pace.admit("new\(granted)", at: now) == nil { granted += 1 }
        #expect(granted == SignInRateLimiter.burst)
        let later = now + SignInRateLimiter.refill
        let (one, own) = (pace.admit("newest", at: later), pace.admit(nil, at: now))
        #expect(one == nil && own == nil)
    }

    @Test(arguments: [
        ("2001:db8:0:7::1", "2001:db8:0:7:ffff::2", true),
        ("2001:db8::1", "2001:db8:0:0:1:2:3:4", true),
        ("::1", "::2", true), ("fe80::1%eth0", "fe80::2", true),
        ("2001:db8:0:7::1", "2001:db8:0:8::1", false), ("1::2:3:4:5:6:7", "1:0::9", false),
        ("::ffff:192.0.2.1", "192.0.2.1", true), ("::ffff:192.0.2.1", "::ffff:192.0.2.2", false),
        ("192.0.2.1", "192.0.2.2", false),
    ])
    func `tries of one network count together`(one: String, other: String, same: Bool) {
        #expect((SourceNetwork(of: one) == SourceNetwork(of: other)) == same)
        #expect(SourceNetwork(of: one) != SourceNetwork(of: nil))
    }
}
