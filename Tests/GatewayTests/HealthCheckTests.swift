import InterlockAlerts
import InterlockModel
import InterlockPorts
import InterlockTesting
import Testing

@testable import InterlockAdministration

/// Each part of the gateway is checked, and nothing is called working that is not known to be.
struct HealthCheckTests {
    private func check(
        _ part: HealthCheck.Part, _ sources: HealthSources, _ bench: Bench
    ) throws -> HealthCheck {
        let checks = bench.gateway.healthChecks(bench.gateway.unsound, sources)
        #expect(checks.map(\.part) == HealthCheck.Part.allCases)
        return try #require(checks.first { $0.part == part })
    }

    @Test func `a part that refuses calls is a problem, with its reasons`() async throws {
        let bench = try Bench()
        #expect(try check(.killSwitch, HealthSources(), bench).state == .unknown)
        let order = try await bench.halt(.org).order
        let halted = try check(.killSwitch, HealthSources(), bench)
        #expect(halted.state == .problem && halted.words.contains(order.id.text))
        #expect(
            !halted.words.contains("a test stops this"), "a person's words are not for everyone")
        #expect(try check(.log, HealthSources(), bench).state == .working)
    }

    @Test(
        arguments: [
            (true, true, HealthCheck.State.working), (true, false, .attention),
            (false, true, .unknown), (false, false, .unknown),
        ])
    func `a drill that is asked for and overdue needs attention`(
        isAsked: Bool, isDone: Bool, state: HealthCheck.State
    ) throws {
        let bench = try Bench()
        let now = bench.clock.now.wall
        let last = DrillStatus.Last(ended: now, passed: true, isSignedOff: true)
        let drills = DrillStatus(
            every: isAsked ? .seconds(90 * 86_400) : nil, declared: nil,
            reports: isDone ? [last] : [], now: now)
        #expect(try check(.killSwitch, HealthSources(drills: drills), bench).state == state)
    }

    @Test func `without a channel, or with one that fails, notifications need attention`() throws {
        let bench = try Bench()
        func state(_ channels: [ChannelStatus]) throws -> HealthCheck.State {
            try check(.notifications, HealthSources(channels: channels), bench).state
        }
        let good = ChannelStatus(channel: try #require(ChannelName("mail")))
        var bad = ChannelStatus(channel: try #require(ChannelName("chat")))
        bad.problem = "connection refused"
        #expect(try state([]) == .attention)
        #expect(try state([good]) == .working)
        #expect(try state([good, bad]) == .attention)
    }

    @Test func `witnesses that are not configured are not known, and servers that are there work`()
        throws
    {
        let bench = try Bench()
        #expect(try check(.witnesses, HealthSources(), bench).state == .unknown)
        #expect(try check(.servers, HealthSources(), bench).state == .working)
    }
}
