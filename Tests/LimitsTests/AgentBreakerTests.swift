import InterlockModel
import InterlockTesting
import Testing

@testable import InterlockLimits

/// Loops of agents, call by call (docs/specs/limits-and-monitoring.md, section 8).
@Suite struct `Breakers on agents` {
    private static let agent = AgentName("refunds")!
    private static let run = RunID(
        milliseconds: 1_795_000_000_000, random: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10])

    /// One run and its clock.
    private final class World {
        var breakers = AgentBreakers(AgentBreakerSettings())
        var now = BootTime(microseconds: 1_000_000)
        var trips: [BreakerTrip] = []

        /// - Returns: whether the call was permitted.
        func call(
            _ number: UInt64, read: Bool = false, result: UInt64? = nil, poll: Int? = nil,
            after pause: Duration = .zero
        ) -> Bool {
            now = now + pause
            let call = WatchedCall(
                mark: CallFingerprint(bits: number), tool: CallFingerprint(bits: 0), arguments: [],
                isRead: read, poll: poll)
            let (verdict, trip) = breakers.attempt(call.mark, run, of: agent, at: now)
            note(trip)
            guard verdict == .free else { return false }
            note(breakers.begin(call, run, of: agent, at: now))
            note(breakers.send(call, run, at: now))
            if let result {
                note(breakers.end(call, with: CallFingerprint(bits: result), run, at: now))
            }
            return true
        }

        func deny(_ number: UInt64, arguments: [UInt64]? = nil) {
            let arguments = arguments ?? [number, number + 1]
            let call = WatchedCall(
                mark: CallFingerprint(bits: number), tool: CallFingerprint(bits: 0),
                arguments: arguments.map { CallFingerprint(bits: $0) }, isRead: false)
            note(breakers.attempt(call.mark, run, of: agent, at: now).1)
            note(breakers.deny(call, run, of: agent, at: now))
        }

        private func note(_ trip: BreakerTrip?) {
            if let trip { trips.append(trip) }
        }
    }

    @Test func `the same change again is let through five times`() {
        let world = World()
        let passed = (0..<40).filter { _ in world.call(7, after: .seconds(1)) }
        #expect(passed.count == 5)
        #expect(world.trips.map(\.signal) == [.sameWrite, .sameWrite])
        #expect(world.trips.map(\.step) == [.throttle, .pause])
    }

    @Test func `the same read again is let through ten times`() {
        let world = World()
        let passed = (0..<40).filter { _ in world.call(7, read: true, after: .seconds(1)) }
        #expect(passed.count == 10)
        #expect(world.trips.last?.step == .pause)
    }

    @Test func `asking again for what changes goes on`() {
        let world = World()
        let passed = (0..<200).filter {
            world.call(7, read: true, result: UInt64($0), after: .seconds(4))
        }
        #expect(passed.count == 200)
        #expect(world.trips.isEmpty)
    }

    @Test func `the same result twenty times in ten minutes, or as often as a tool is polled`() {
        let world = World()
        let passed = (0..<60).filter { _ in
            world.call(7, read: true, result: 1, after: .seconds(20))
        }
        #expect(passed.count == 20)
        #expect(world.trips.first?.signal == .sameRead)
        let polled = World()
        for _ in 0..<100 {
            #expect(polled.call(7, read: true, result: 1, poll: 200, after: .seconds(1)))
        }
        #expect(polled.trips.isEmpty)
    }

    @Test(arguments: [2, 3]) func `circles are seen after four rounds`(period: Int) {
        let world = World()
        for number in 0..<period * 4 {
            #expect(world.call(UInt64(number % period), read: true, after: .seconds(15)))
        }
        #expect(world.trips.map(\.signal) == [.cycle])
    }

    @Test func `a throttled run calls once in ten seconds, for five minutes`() {
        let world = World()
        for _ in 0..<5 { _ = world.call(7, after: .seconds(1)) }
        var other: UInt64 = 100
        var passed = 0
        for _ in 0..<300 {
            other += 1
            if world.call(other, after: .seconds(1)) { passed += 1 }
        }
        #expect(passed == 30)
        let ended = world.breakers.endThrottles(at: world.now + .seconds(1))
        #expect(ended.count == 1)
        for _ in 0..<20 {
            other += 1
            #expect(world.call(other, after: .seconds(1)))
        }
    }

    @Test func `a second trip within the hour pauses, until a person says otherwise`() {
        let world = World()
        for _ in 0..<5 { _ = world.call(7, after: .seconds(1)) }
        world.now = world.now + .seconds(1_000)
        for _ in 0..<5 { _ = world.call(8, after: .seconds(1)) }
        #expect(world.trips.map(\.step) == [.throttle, .pause])
        #expect(world.breakers.isPaused(Self.run))
        #expect(!world.call(9, after: .seconds(7_200)))
        let ended = world.breakers.endThrottles(at: world.now)
        #expect(ended.isEmpty)
        let unpaused = (0..<2).map { _ in world.breakers.unpause(Self.run, at: world.now) }
        #expect(unpaused == [true, false])
        #expect(world.call(9))
    }

    @Test func `a second trip after more than an hour slows down again`() {
        let world = World()
        for _ in 0..<5 { _ = world.call(7, after: .seconds(1)) }
        world.now = world.now + .seconds(3_700)
        for _ in 0..<5 { _ = world.call(8, after: .seconds(1)) }
        #expect(world.trips.map(\.step) == [.throttle, .throttle])
    }

    @Test(.requirement("R105"))
    func `five denials in a row, unless a call was permitted between them`() {
        let world = World()
        for number in 0..<4 { world.deny(UInt64(number * 100)) }
        _ = world.call(7)
        world.now = world.now + .seconds(100)
        for number in 0..<4 { world.deny(UInt64(1_000 + number * 100)) }
        #expect(world.trips.isEmpty)
        world.deny(5_000)
        #expect(world.trips.map(\.signal) == [.denials])
    }

    @Test func `ten denials in a minute, whatever comes between them`() {
        let world = World()
        for number in 0..<10 {
            world.deny(UInt64(number * 100))
            _ = world.call(UInt64(1_000 + number), after: .seconds(4))
        }
        #expect(world.trips.map(\.signal) == [.denialsMinute])
    }

    @Test func `a denied call with one argument changed, three times`() {
        let world = World()
        for number in 0..<3 {
            world.deny(UInt64(number + 50), arguments: [1, 2, UInt64(100 + number)])
            _ = world.call(UInt64(900 + number))
        }
        #expect(world.trips.map(\.signal) == [.variants])
    }

    @Test func `of many writes at once none is sent after the trip`() {
        let world = World()
        let call = WatchedCall(
            mark: CallFingerprint(bits: 7), tool: CallFingerprint(bits: 0), arguments: [],
            isRead: false)
        // All of them were decided before the first was sent.
        for _ in 0..<16 {
            let (verdict, _) = world.breakers.attempt(
                call.mark, Self.run, of: Self.agent, at: world.now)
            #expect(verdict == .free)
        }
        var sent = 0
        for _ in 0..<16 where !world.breakers.stops(call, Self.run, at: world.now) {
            _ = world.breakers.send(call, Self.run, at: world.now)
            sent += 1
        }
        #expect(sent == 5)
    }

    @Test func `a detector that slows down a run changes neither its pause nor what it tripped by`()
    {
        let world = World()
        for _ in 0..<6 { _ = world.call(7) }
        #expect(
            world.breakers.throttle(
                Self.run, of: Self.agent, for: .seconds(300), at: world.now) == nil)
        #expect(world.breakers.isPaused(Self.run))

        let slowed = World()
        for _ in 0..<5 { _ = slowed.call(7) }
        _ = slowed.breakers.throttle(Self.run, of: Self.agent, for: .seconds(300), at: slowed.now)
        #expect(!slowed.call(7, after: .seconds(20)))
        #expect(slowed.breakers.isPaused(Self.run), "the same call once more")
    }

    @Test func `a call with more arguments than are kept is a variant of none of its kind`() {
        let (one, two) = (UInt64(1), UInt64(2))
        let calls = [one, two].map {
            WatchedCall(
                mark: CallFingerprint(bits: $0), tool: CallFingerprint(bits: 9), arguments: [],
                isRead: false)
        }
        #expect(!calls[0].isVariant(of: calls[1]))
    }

    @Test func `people refuse three times`() {
        let world = World()
        let trips = (0..<3).map { _ in
            world.breakers.refuse(Self.run, of: Self.agent, at: world.now)
        }
        #expect(trips.map(\.?.signal) == [nil, nil, .refusals])
    }

    @Test(.requirement("R106"))
    func `a run that calls too often or lasts too long is slowed down, then paused`() {
        let busy = World()
        busy.breakers.settings.calls = 10
        for number in 0..<10 { #expect(busy.call(UInt64(number), after: .seconds(1))) }
        #expect(busy.call(11, after: .seconds(1)))
        #expect(!busy.call(12, after: .seconds(11)))
        #expect(busy.trips.map(\.signal) == [.calls, .calls])

        let long = World()
        for number in 0..<50 { #expect(long.call(UInt64(number), after: .seconds(1_799))) }
        #expect(!long.call(99, after: .seconds(11)))
        #expect(long.trips.map(\.signal) == [.wall, .wall])
    }

    @Test func `a silence begins another session, whose calls and length count anew`() {
        let world = World()
        world.breakers.settings.calls = 10
        for number in 0..<30 {
            #expect(world.call(UInt64(number), after: .seconds(number % 10 == 0 ? 1_800 : 1)))
        }
        #expect(world.trips.isEmpty)
        #expect(world.call(31, after: .seconds(1)))
        #expect(world.trips.map(\.signal) == [.calls])
        // No silence helps for a day after a trip.
        #expect(world.call(32, after: .seconds(3 * 3_600)))
        #expect(world.trips.map(\.signal) == [.calls, .calls])
        #expect(world.trips.map(\.step) == [.throttle, .throttle])
        _ = world.breakers.endThrottles(at: world.now + .seconds(86_400))
        #expect(world.call(33, after: .seconds(86_400)))
        for number in 34..<43 { #expect(world.call(UInt64(number), after: .seconds(1))) }
        #expect(world.trips.count == 2)
    }

    @Test func `a pause outlives each silence, and its reason is known`() {
        let world = World()
        for _ in 0..<12 { _ = world.call(7, after: .seconds(1)) }
        #expect(world.breakers.isPaused(Self.run))
        #expect(!world.call(8, after: .seconds(2 * 86_400)))
        #expect(world.breakers.reason(of: Self.run) == "same-write")
        let isResumed = world.breakers.unpause(Self.run, at: world.now)
        #expect(isResumed)
        #expect(world.breakers.reason(of: Self.run) == nil)
    }

    @Test func `reads that give something else each time go in no circle`() {
        let working = World()
        for round in 0..<20 {
            for number in [1, 2] as [UInt64] {
                #expect(
                    working.call(
                        number, read: true, result: UInt64(round), after: .seconds(20)))
            }
        }
        #expect(working.trips.isEmpty)
        let looping = World()
        for _ in 0..<4 {
            for number in [1, 2] as [UInt64] {
                _ = looping.call(number, read: true, result: number, after: .seconds(20))
            }
        }
        #expect(looping.trips.map(\.signal) == [.cycle])
    }

    @Test func `a read that changes hides no circle of writes`() {
        let world = World()
        for round in 0..<4 {
            for number in [1, 2] as [UInt64] { _ = world.call(number, after: .seconds(20)) }
            _ = world.call(3, read: true, result: UInt64(round), after: .seconds(20))
        }
        #expect(world.trips.map(\.signal) == [.cycle])
    }

    @Test func `what people refuse adds up across silences`() {
        let world = World()
        let trips = (0..<3).map { _ in
            _ = world.call(1, after: .seconds(7_200))
            return world.breakers.refuse(Self.run, of: Self.agent, at: world.now)
        }
        #expect(trips.map(\.?.signal) == [nil, nil, .refusals])
    }

    @Test func `a working day of 500 varied calls trips nothing`() {
        let world = World()
        var generator = SeededGenerator(seed: 20_261_126)
        var passed = 0
        for number in 0..<500 {
            // A status and a difference between edits, files read again, and a search now and then.
            let isStatus = number % 3 == 0
            let call =
                isStatus ? UInt64(number / 3 % 2) : UInt64.random(in: 10...60, using: &generator)
            let result = UInt64.random(in: 0...3, using: &generator)
            let pause = UInt64.random(in: 5...120, using: &generator)
            if world.call(call, read: true, result: result, after: .seconds(Int64(pause))) {
                passed += 1
            }
        }
        #expect(passed == 500 && world.trips.isEmpty, "\(world.trips)")
    }

    @Test func `runs that are held are not forgotten for others`() {
        let world = World()
        for _ in 0..<6 { _ = world.call(7) }
        for number in 0..<AgentBreakers.most + 10 {
            let bytes = (0..<10).map { UInt8(truncatingIfNeeded: number >> ($0 * 8)) }
            let other = RunID(milliseconds: 1_795_000_000_001, random: bytes)
            _ = world.breakers.begin(
                WatchedCall(
                    mark: CallFingerprint(bits: 1), tool: CallFingerprint(bits: 1), arguments: [],
                    isRead: true),
                other, of: Self.agent, at: world.now)
        }
        #expect(world.breakers.isPaused(Self.run))
    }

    @Test func `what no run does twice in a minute never trips, for random traffic`() {
        var random = SystemRandomNumberGenerator()
        let world = World()
        for number in 0..<5_000 {
            let pause = Int.random(in: 8...20, using: &random)
            _ = world.call(
                UInt64(number), read: Bool.random(using: &random), after: .seconds(pause))
            world.breakers.settings.calls = 100_000
            world.breakers.settings.wall = .seconds(7 * 86_400)
        }
        #expect(world.trips.isEmpty)
    }
}
