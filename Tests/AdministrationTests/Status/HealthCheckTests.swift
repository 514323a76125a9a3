import InterlockAlerts
import InterlockModel
import InterlockPolicyReview
import InterlockPorts
import InterlockTesting
import Synchronization
import Testing

@testable import InterlockAdministration
@testable import InterlockGatewayBench
@testable import InterlockGovernor
@testable import InterlockNotification

/// Each part of the gateway is checked, and nothing is called working that is not known to be.
struct HealthCheckTests {
    private func check(
        _ part: HealthCheck.Part, _ bench: Bench, _ facts: HealthFacts = HealthFacts()
    ) -> HealthCheck {
        HealthCheck(part, bench.gateway.healthFinding(part, facts), at: bench.clock.now.boot)
    }

    @Test func `a part that refuses calls is a problem, with its reasons`() async throws {
        let bench = try Bench()
        #expect(check(.killSwitch, bench).state == .notSetUp)
        let order = try await bench.halt(.org).order
        let halted = check(.killSwitch, bench)
        #expect(halted.state == .problem && halted.words.contains(order.id.text))
        #expect(halted.remedy?.contains("resume") == true)
        #expect(
            !halted.words.contains("a test stops this"), "a person's words are not for everyone")
    }

    @Test func `log and store work once they were looked at, and while they are`() async throws {
        let bench = try Bench()
        #expect(check(.log, bench).state == .unknown && check(.log, bench).age == nil)
        #expect(check(.store, bench).state == .unknown)
        await bench.gateway.sweep()
        #expect(check(.log, bench).state == .working)
        bench.clock.advance(.seconds(16))
        #expect(check(.log, bench).state == .unknown, "the sweep hangs")
    }

    @Test(
        arguments: [
            (false, nil, .working, "signed off"),
            (false, .signOff(.unsigned), .working, "signed off; a revision on disk waits"),
            (false, .unreadable("org.yaml"), .attention, "the last reload was refused"),
            (false, .lockIsGone, .attention, "the last reload was refused"),
            (false, .failingTests(["one"]), .attention, "the last reload was refused"),
            (true, nil, .attention, "by its author alone"),
            (
                true, .signOff(.unsigned), .attention,
                "by its author alone; a revision on disk waits"
            ),
            (true, .unreadable("org.yaml"), .attention, "alone; the last reload was refused"),
        ] as [(Bool, RevisionRefusal?, HealthCheck.State, String)])
    func `a policy with refused files, or signed by its author alone, is not called working`(
        isAlone: Bool, refusal: RevisionRefusal?, state: HealthCheck.State, words: String
    ) {
        let found = HealthFinding(
            isFounding: false, isSignedAlone: isAlone, reload: refusal,
            at: BootTime(microseconds: 1))
        #expect(found.state == state && found.words.contains(words))
        #expect((found.remedy == nil) == (state == .working))
        let founding = HealthFinding(
            isFounding: true, isSignedAlone: isAlone, reload: refusal,
            at: BootTime(microseconds: 1))
        #expect(founding.state == .attention && founding.words.contains("ever signed off"))
    }

    @Test func `a log whose index is behind needs attention`() async throws {
        let bench = try Bench()
        await bench.gateway.sweep()
        let found = check(.log, bench, HealthFacts(missingInIndex: 3))
        #expect(found.state == .attention && found.words.contains("index is behind"))
    }

    @Test(
        arguments: [
            (true, true, HealthCheck.State.working), (true, false, .attention),
            (false, true, .notSetUp), (false, false, .notSetUp),
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
        let found = check(.killSwitch, bench, HealthFacts(drills: drills))
        #expect(found.state == state)
        #expect((found.remedy == nil) == (state == .working))
    }

    @Test func `notifications work only where each channel has delivered`() throws {
        let bench = try Bench()
        func state(_ channels: [ChannelStatus]) -> HealthCheck.State {
            check(.notifications, bench, HealthFacts(channels: channels)).state
        }
        let silent = ChannelStatus(channel: try #require(ChannelName("pager")))
        var good = ChannelStatus(channel: try #require(ChannelName("mail")))
        good.delivered = 1
        var bad = ChannelStatus(channel: try #require(ChannelName("chat")))
        bad.problem = "connection refused"
        #expect(state([]) == .attention)
        #expect(state([good]) == .working)
        #expect(state([good, silent]) == .unknown)
        #expect(state([good, bad, silent]) == .attention)
    }

    @Test
    func
        `witnesses that are not configured are not set up, and a server that is awaited is unknown`()
        throws
    {
        let bench = try Bench()
        #expect(check(.witnesses, bench).state == .notSetUp)
        #expect(check(.servers, bench).state == .working)
        bench.upstreams.set(.connecting, of: "desk")
        #expect(check(.servers, bench).state == .unknown)
        bench.upstreams.set(.unavailable("it ended"), of: "desk")
        #expect(check(.servers, bench).state == .attention)
    }

    @Test(
        arguments: [
            (10, .working, .working),
            (30, .working, .working), (31, .working, .unknown), (31, .attention, .unknown),
            (31, .problem, .unknown),
        ] as [(Int64, HealthCheck.State, HealthCheck.State)])
    func `a finding that is older than three of its intervals is unknown`(
        age: Int64, found: HealthCheck.State, state: HealthCheck.State
    ) {
        let seen = BootTime(microseconds: 1_000_000)
        let finding = HealthFinding(
            state: found, words: "as it was", seen: seen, interval: .seconds(10))
        let check = HealthCheck(.store, finding, at: seen + .seconds(age))
        #expect(check.state == state && check.age == .seconds(age))
        #expect(check.words.contains("as it was"))
        #expect(HealthCheck(.store, nil, at: seen).state == .unknown)
    }

    @Test func `a check that hangs becomes unknown, and holds up no other`() async {
        let release = HangingGate()
        let seen = Mutex(BootTime(microseconds: 0))
        let runner = HealthCheckRunner { part in
            if part == .store, seen.withLock({ $0.microseconds }) > 0 { await release.wait() }
            return HealthFinding(state: .working, words: "yes", seen: seen.withLock { $0 })
        }
        func states() -> [HealthCheck.Part: HealthCheck.State] {
            Dictionary(
                uniqueKeysWithValues: runner.checks(at: seen.withLock { $0 }).map {
                    ($0.part, $0.state)
                })
        }
        #expect(states().values.allSatisfy { $0 == .unknown })
        runner.run(at: BootTime(microseconds: 0))
        #expect(await eventually { states().values.allSatisfy { $0 == .working } })
        seen.withLock { $0 = $0 + .seconds(16) }
        #expect(states().values.allSatisfy { $0 == .unknown }, "no check has run since")
        runner.run(at: seen.withLock { $0 })
        #expect(await eventually { states().values.count { $0 == .working } == 8 })
        #expect(states()[.store] == .unknown)
        release.open()
    }
}

/// Lets everyone through once it is open.
private final class HangingGate: Sendable {
    private let isOpen = Mutex(false)
    func open() { isOpen.withLock { $0 = true } }
    func wait() async { _ = await eventually { isOpen.withLock { $0 } } }
}

/// The check of the clock.
struct ClockCheckTests {
    private let start = ClockReading(
        wall: Timestamp(microseconds: 1_795_000_000_000_000), boot: BootTime(microseconds: 7))

    private func after(_ seconds: Int64, moved: Duration = .zero) -> ClockReading {
        ClockReading(
            wall: start.wall + .seconds(seconds) + moved, boot: start.boot + .seconds(seconds))
    }

    private func check(
        _ clock: ClockStepDetector?, earlier: [ClockStepDetector.Step] = [], at seconds: Int64
    ) -> HealthCheck {
        let now = start.boot + .seconds(seconds)
        return HealthCheck(.clock, HealthFinding(clock, earlier: earlier, at: now), at: now)
    }

    @Test func `a step of more than a minute needs attention for an hour`() {
        var clock = ClockStepDetector(at: start)
        _ = clock.look(at: after(1, moved: .seconds(-60)))
        #expect(check(clock, at: 1).state == .working)
        _ = clock.look(at: after(2, moved: .seconds(2)))
        let found = check(clock, at: 3)
        #expect(found.state == .attention && found.words.contains("+62.0 s"))
        _ = clock.look(at: after(3602, moved: .seconds(2)))
        #expect(check(clock, at: 3602).state == .attention)
        _ = clock.look(at: after(3604, moved: .seconds(2)))
        #expect(check(clock, at: 3604).state == .working)
    }

    @Test func `small steps that add up to more than a minute need attention too`() {
        var clock = ClockStepDetector(at: start)
        for second in 1...7 {
            _ = clock.look(at: after(Int64(second), moved: .seconds(10 * second)))
        }
        #expect(check(clock, at: 7).words.contains("+70.0 s in 7 steps"))
    }

    @Test func `a clock that is not watched, or not any more, is unknown`() {
        #expect(check(nil, at: 0).state == .unknown)
        let clock = ClockStepDetector(at: start)
        #expect(check(clock, at: 15).state == .working)
        #expect(check(clock, at: 16).state == .unknown)
    }

    @Test func `a step of before the start counts`() {
        let step = ClockStepDetector.Step(at: start.boot + .seconds(-100), distance: .seconds(90))
        #expect(check(ClockStepDetector(at: start), earlier: [step], at: 1).state == .attention)
        #expect(check(nil, earlier: [step], at: 1).state == .attention)
    }
}
